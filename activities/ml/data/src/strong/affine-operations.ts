/** Shears, shifts and turns, byte for byte Pillow's `Image.transform(AFFINE)` and `Image.rotate`. */
import type { ByteImage } from './byte-image.js';

/** Pixel (x, y) of the result comes from (a x + b y + c, d x + e y + f). */
export type AffineMatrix = readonly [number, number, number, number, number, number];

export interface Resampling {
  readonly filter: 'bilinear' | 'bicubic';
  /** What stands outside the image, a byte per channel. */
  readonly fill: readonly number[];
}

export const shearX = (factor: number): AffineMatrix => [1, factor, 0, 0, 1, 0];
export const shearY = (factor: number): AffineMatrix => [1, 0, 0, factor, 1, 0];
export const shiftX = (pixels: number): AffineMatrix => [1, 0, pixels, 0, 1, 0];
export const shiftY = (pixels: number): AffineMatrix => [1, 0, 0, 0, 1, pixels];

/** About the centre, counter-clockwise. Pillow rounds sine and cosine to 15 decimals. */
export function turn(degrees: number, size: number): AffineMatrix {
  const angle = (-(((degrees % 360) + 360) % 360) * Math.PI) / 180;
  const round = (value: number): number => Math.round(value * 1e15) / 1e15;
  const [cosine, sine] = [round(Math.cos(angle)), round(Math.sin(angle))];
  const centre = size / 2;
  return [
    cosine,
    sine,
    cosine * -centre + sine * -centre + centre,
    -sine,
    cosine,
    -sine * -centre + cosine * -centre + centre,
  ];
}

export function transform(
  { pixels, channels, size }: ByteImage,
  [a, b, c, d, e, f]: AffineMatrix,
  { filter, fill }: Resampling,
): ByteImage {
  const sample = filter === 'bilinear' ? bilinear : bicubic;
  const result = new Uint8Array(pixels.length);
  for (let channel = 0; channel < channels; channel++) {
    const source = pixels.subarray(channel * size ** 2, (channel + 1) * size ** 2);
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const [xOut, yOut] = [column + 0.5, row + 0.5];
        const x = a * xOut + b * yOut + c;
        const y = d * xOut + e * yOut + f;
        const inside = x >= 0 && x < size && y >= 0 && y < size;
        const value = inside ? sample(source, size, [x - 0.5, y - 0.5]) : (fill[channel] ?? 0);
        result[(channel * size + row) * size + column] =
          value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
      }
  }
  return { pixels: result, channels, size };
}

type Sampler = (source: Uint8Array, size: number, at: readonly [x: number, y: number]) => number;

/** The row nearest to `row` inside the image, read at columns likewise. */
const reader = (source: Uint8Array, size: number) => {
  const inside = (place: number): number => Math.min(Math.max(place, 0), size - 1);
  return (column: number, row: number): number => source[inside(row) * size + inside(column)] ?? 0;
};

const bilinear: Sampler = (source, size, [x, y]) => {
  const read = reader(source, size);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const along = (at: number): number => {
    const [left, right] = [read(column, at), read(column + 1, at)];
    return left + (right - left) * (x - column);
  };
  const upper = along(row);
  // Pillow reads no further row at the lower border.
  const lower = row + 1 >= 0 && row + 1 < size ? along(row + 1) : upper;
  return upper + (lower - upper) * (y - row);
};

/** The cubic through four neighbours whose slope is that of Pillow (a = −1). */
function cubic([v1, v2, v3, v4]: readonly [number, number, number, number], d: number): number {
  const p2 = -v1 + v3;
  const p3 = 2 * (v1 - v2) + v3 - v4;
  const p4 = -v1 + v2 - v3 + v4;
  return v2 + d * (p2 + d * (p3 + d * p4));
}

const bicubic: Sampler = (source, size, [x, y]) => {
  const read = reader(source, size);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const along = (at: number): number =>
    cubic([read(column - 1, at), read(column, at), read(column + 1, at), read(column + 2, at)], x - column);
  const first = along(row - 1);
  // Pillow takes the row before where one is outside.
  const rows: [number, number, number, number] = [first, 0, 0, 0];
  for (let i = 1; i < 4; i++) {
    const at = row - 1 + i;
    rows[i] = at >= 0 && at < size ? along(at) : (rows[i - 1] ?? 0);
  }
  return cubic(rows, y - row);
};
