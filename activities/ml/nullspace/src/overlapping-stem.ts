/**
 * Stems whose patches overlap or are padded: there the null space is that of the whole image's map, not of a patch's.
 * Axes: `D` width, `C` channels, `S` image size.
 */
import { formatShape, normal, projectOnNullSpace, PURPOSE, ShapeError } from '@vitrine/ml-tensor';
import type { HostTensor, NullSpace, RealMatrix } from '@vitrine/ml-tensor';
import { frobenius } from './patches.js';

export interface StemGeometry {
  readonly imageSize: number;
  readonly stride: number;
  /** Zeros around the image. */
  readonly padding: number;
}

/** The decomposition of a larger map takes minutes in float64 on the host. */
const MOST_NUMBERS = 1024;

/**
 * The map of a whole image [C, S, S], flattened in this order, by a convolution with weight [D, C, r, r]: rows are output
 * positions, row by row, each with its D numbers. Its null space is `nullSpace` of it.
 * @throws ShapeError when an image has more than 1,024 numbers, or the geometry gives no output
 */
export function stemMatrix(weight: HostTensor, { imageSize, stride, padding }: StemGeometry): RealMatrix {
  const [D = 0, C = 0, r = 0] = weight.shape;
  if (weight.shape.length !== 4)
    throw new ShapeError('stem weight', 'shape [D, C, r, r]', formatShape(weight.shape));
  const columns = C * imageSize ** 2;
  if (columns > MOST_NUMBERS)
    throw new ShapeError(
      'stem with overlapping patches',
      `at most ${MOST_NUMBERS} numbers an image, since its null space is that of the whole image; seek a noise of the encoder instead`,
      `${columns}`,
    );
  const side = Math.floor((imageSize + 2 * padding - r) / stride) + 1;
  if (side < 1)
    throw new ShapeError('stem', 'a kernel that fits into the padded image', `${r} on ${imageSize}`);
  const data = new Float64Array(side ** 2 * D * columns);
  for (let at = 0; at < data.length; at++) {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const [position, d] = [Math.floor(row / D), row % D];
    const [channel, pixel] = [Math.floor(column / imageSize ** 2), column % imageSize ** 2];
    const y = Math.floor(pixel / imageSize) - (Math.floor(position / side) * stride - padding);
    const x = (pixel % imageSize) - ((position % side) * stride - padding);
    if (y >= 0 && y < r && x >= 0 && x < r) data[at] = weight.data[((d * C + channel) * r + y) * r + x] ?? 0;
  }
  return { rows: side ** 2 * D, columns, data };
}

/** A Gaussian sample of a whole image's null space [C, S, S] of the wanted norm; zero when there is nothing but zero. */
export function sampleImageNoise(
  space: NullSpace,
  { norm, seed }: { readonly norm: number; readonly seed: number },
): Float32Array {
  if (space.nullity === 0) return new Float32Array(space.columns);
  const key = { seed, purpose: PURPOSE.nullspaceSample };
  const sample = projectOnNullSpace(space, Float64Array.from(normal(key, space.columns)));
  return Float32Array.from(sample, (value) => (value * norm) / frobenius(sample));
}
