import type { Tensor } from '@tensorflow/tfjs-core';

/** A tensor has not the shape that a function needs. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';

  /**
   * @param where the tensor's name, with its axes
   * @param expected what the function takes
   * @param actual the shape given
   */
  constructor(
    readonly where: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${where}: expected ${expected}, got ${actual}`);
  }
}

export const formatShape = (shape: readonly (number | null)[]): string =>
  `[${shape.map((extent) => extent ?? '?').join(', ')}]`;

/**
 * Checks a shape at an entry point; `null` stands for any extent.
 * @throws ShapeError
 */
export function assertShape(
  tensor: Pick<Tensor, 'shape'>,
  shape: readonly (number | null)[],
  name: string,
): void {
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((extent, axis) => extent === null || extent === tensor.shape[axis]);
  if (!fits) throw new ShapeError(name, `shape ${formatShape(shape)}`, `shape ${formatShape(tensor.shape)}`);
}
