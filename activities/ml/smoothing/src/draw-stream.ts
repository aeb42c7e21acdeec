/** Where the noise of a draw lies among the random numbers of a program. */

export interface StreamPlace {
  readonly seed: number;
  readonly purpose: number;
  readonly image: number;
  /** Number of the first draw. */
  readonly first: number;
  /** Numbers of a draw. */
  readonly stride: number;
  readonly step?: number;
}

/**
 * Where the noise of a draw begins, for a program's stream: draws of an image lie behind one another, each in whole blocks of
 * four numbers, in the lower 64 bits of the counter; the upper ones are the image and the step.
 */
export function drawStream({ seed, purpose, image, first, stride, step = 0 }: StreamPlace): Int32Array {
  const block = first * Math.ceil(stride / 4);
  return Int32Array.of(seed, purpose, block % 2 ** 32, Math.floor(block / 2 ** 32), image, step);
}
