import type { ByteImage, Corruptible } from './corruption-image.js';
import { gaussianFilter, interpolate, planeOf, type Plane } from './plane.js';

type Place = readonly [x: number, y: number];

/**
 * A random affine map, then random smooth shifts; lengths in units of `unit` pixels (the size that the constants were made for).
 */
export function elasticTransform(
  { planes, draws }: Corruptible,
  [alpha, sigma, corner]: readonly [number, number, number],
  unit: number,
): Plane[] {
  const size = planes[0]?.size ?? 0;
  const [centre, arm] = [Math.floor(size / 2), Math.floor(size / 3)];
  const source: Place[] = [
    [centre + arm, centre + arm],
    [centre + arm, centre - arm],
    [centre - arm, centre - arm],
  ];
  const shift = (): number => (2 * draws.uniform() - 1) * corner * unit;
  const target = source.map(([x, y]): Place => [x + shift(), y + shift()]);
  const back = affineBetween(target, source);
  const flow = (): Plane =>
    gaussianFilter(
      planeOf(size, () => (2 * draws.uniform() - 1) * alpha * unit),
      sigma * unit,
      { border: 'reflect', truncate: 3 },
    );
  const [right, down] = [flow(), flow()];
  return planes.map((plane) => {
    const moved = planeOf(size, (row, column) => {
      const [x, y] = back([column, row]);
      return interpolate(plane, [y, x], 'mirror');
    });
    return planeOf(size, (row, column) => {
      const i = row * size + column;
      return interpolate(moved, [row + (down.values[i] ?? 0), column + (right.values[i] ?? 0)], 'reflect');
    });
  });
}

/** The affine map that takes three places to three others. */
function affineBetween(from: readonly Place[], to: readonly Place[]): (place: Place) => Place {
  const [a, b, c] = from as [Place, Place, Place];
  const [u, v] = [minus(b, a), minus(c, a)];
  const determinant = u[0] * v[1] - u[1] * v[0];
  const [toA, toB, toC] = to as [Place, Place, Place];
  const [toU, toV] = [minus(toB, toA), minus(toC, toA)];
  return (place) => {
    const d = minus(place, a);
    const alongU = (d[0] * v[1] - d[1] * v[0]) / determinant;
    const alongV = (u[0] * d[1] - u[1] * d[0]) / determinant;
    return [toA[0] + alongU * toU[0] + alongV * toV[0], toA[1] + alongU * toU[1] + alongV * toV[1]];
  };
}

const minus = (a: Place, b: Place): Place => [a[0] - b[0], a[1] - b[1]];

/** Down to a share of the side and back, byte for byte Pillow's. */
export function pixelate(image: ByteImage, share: number, back: 'box' | 'nearest'): Uint8Array {
  const { size, channels } = image;
  const small = Math.trunc(size * share);
  const result = new Uint8Array(image.pixels.length);
  for (let channel = 0; channel < channels; channel++) {
    const plane = image.pixels.subarray(channel * size ** 2, (channel + 1) * size ** 2);
    const shrunk = resizeByBox(plane, size, small);
    result.set(
      back === 'box' ? resizeByBox(shrunk, small, size) : nearest(shrunk, small, size),
      channel * size ** 2,
    );
  }
  return result;
}

function nearest(plane: Uint8Array, size: number, wanted: number): Uint8Array {
  const place = (index: number): number => Math.floor(((index + 0.5) * size) / wanted);
  return Uint8Array.from(
    { length: wanted ** 2 },
    (_, i) => plane[place(Math.floor(i / wanted)) * size + place(i % wanted)] ?? 0,
  );
}

/** Bits of a weight behind the point in Pillow's resampling. */
const PRECISION = 22;

function resizeByBox(plane: Uint8Array, size: number, wanted: number): Uint8Array {
  const windows = boxWindows(size, wanted);
  const along = (read: (index: number) => number, { first, weights }: Window): number =>
    weights.reduce((sum, weight, i) => sum + weight * read(first + i), 2 ** (PRECISION - 1)) / 2 ** PRECISION;
  // Rows first; Uint8Array cuts the fraction off, and sums stay within a byte.
  const narrow = Uint8Array.from({ length: size * wanted }, (_, i) => {
    const row = Math.floor(i / wanted) * size;
    return along((index) => plane[row + index] ?? 0, windows[i % wanted] as Window);
  });
  return Uint8Array.from({ length: wanted ** 2 }, (_, i) =>
    along((index) => narrow[index * wanted + (i % wanted)] ?? 0, windows[Math.floor(i / wanted)] as Window),
  );
}

interface Window {
  readonly first: number;
  readonly weights: readonly number[];
}

function boxWindows(size: number, wanted: number): Window[] {
  const scale = size / wanted;
  const spread = Math.max(scale, 1);
  const support = 0.5 * spread;
  return Array.from({ length: wanted }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(size, Math.trunc(centre + support + 0.5));
    const covered = Array.from({ length: end - first }, (__, i) => {
      const x = (first + i - centre + 0.5) / spread;
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    });
    const sum = covered.reduce<number>((total, weight) => total + weight, 0);
    return { first, weights: covered.map((weight) => Math.trunc(0.5 + (weight / sum) * 2 ** PRECISION)) };
  });
}
