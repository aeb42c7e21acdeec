import type { Draws } from '@vitrine/ml-tensor';
import type { Plane } from './plane.js';

/** A square image of bytes, channels first. */
export interface ByteImage {
  /** C × S × S. */
  readonly pixels: Uint8Array;
  readonly channels: number;
  readonly size: number;
}

/** A picture of ice, bytes by row, column and colour. */
export interface FrostPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** What a corruption works on: channels in [0, 1], and the randomness that it may use. */
export interface Corruptible {
  readonly planes: readonly Plane[];
  readonly draws: Draws;
}

/** The channels of an image, in [0, 1]. */
export const planesOf = ({ pixels, channels, size }: ByteImage): Plane[] =>
  Array.from({ length: channels }, (_, channel) => ({
    values: Float64Array.from(
      pixels.subarray(channel * size ** 2, (channel + 1) * size ** 2),
      (byte) => byte / 255,
    ),
    size,
  }));

/** Channels in [0, 1] as bytes: clipped, and cut off as the reference does. */
export function toBytes(planes: readonly Plane[]): Uint8Array {
  const [first] = planes;
  const area = first ? first.size ** 2 : 0;
  const bytes = new Uint8Array(planes.length * area);
  planes.forEach(({ values }, channel) =>
    values.forEach((value, i) => (bytes[channel * area + i] = Math.min(Math.max(value, 0), 1) * 255)),
  );
  return bytes;
}

/** Each value changed by itself. */
export const mapPlane = (
  { values, size }: Plane,
  change: (value: number, index: number) => number,
): Plane => ({
  values: values.map(change),
  size,
});

/** Luma as OpenCV weighs it; of an image that is not of three channels its first. */
export function greyOf(planes: readonly Plane[]): Plane {
  const [red, green, blue] = planes;
  if (!red || !green || !blue) return red as Plane;
  return mapPlane(
    red,
    (value, i) => 0.299 * value + 0.587 * (green.values[i] ?? 0) + 0.114 * (blue.values[i] ?? 0),
  );
}
