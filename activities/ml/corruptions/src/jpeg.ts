/**
 * What storing an image as JPEG does to it, byte for byte as libjpeg-turbo (Pillow) with chroma at half the resolution. The
 * entropy code in between loses nothing and is left out.
 */
import type { ByteImage } from './corruption-image.js';
import { restoreBlock, transformBlock } from './cosine-transform.js';
import { quantisation } from './jpeg-tables.js';

interface Samples {
  readonly values: Uint8Array;
  readonly size: number;
}

const clip = (value: number): number => Math.min(Math.max(value, 0), 255);

/** The image as it comes back. Images that are not of three channels have each channel stored as grey. */
export function jpegRoundTrip(image: ByteImage, quality: number): Uint8Array {
  const { pixels, channels, size } = image;
  const area = size ** 2;
  const planes = Array.from({ length: channels }, (_, channel) =>
    pixels.subarray(channel * area, (channel + 1) * area),
  );
  const { luma, chroma } = quantisation(quality);
  const [red, green, blue] = planes;
  const result = new Uint8Array(pixels.length);
  if (channels !== 3 || !red || !green || !blue) {
    planes.forEach((values, channel) => result.set(quantise({ values, size }, luma).values, channel * area));
    return result;
  }
  const mixed = (r: number, g: number, b: number): Uint8Array => {
    // Chroma has its zero at 128, and rounds halves down.
    const offset = r + g + b === 0 ? 128 * 65536 + 32767 : 32768;
    return red.map((value, i) => (value * r + (green[i] ?? 0) * g + (blue[i] ?? 0) * b + offset) >> 16);
  };
  const y = quantise({ values: mixed(19595, 38470, 7471), size }, luma).values;
  const restored = (values: Uint8Array): Uint8Array =>
    doubled(quantise(halved({ values, size }), chroma), size);
  const cb = restored(mixed(-11059, -21709, 32768));
  const cr = restored(mixed(32768, -27439, -5329));
  y.forEach((value, i) => {
    const [b, r] = [(cb[i] ?? 0) - 128, (cr[i] ?? 0) - 128];
    result[i] = clip(value + ((91881 * r + 32768) >> 16));
    result[area + i] = clip(value + ((-22554 * b - 46802 * r + 32768) >> 16));
    result[2 * area + i] = clip(value + ((116130 * b + 32768) >> 16));
  });
  return result;
}

/** Half the resolution: means of four, whose rounding alternates along a row. */
function halved({ values, size }: Samples): Samples {
  const half = Math.ceil(size / 2);
  const read = (row: number, column: number): number =>
    values[Math.min(row, size - 1) * size + Math.min(column, size - 1)] ?? 0;
  return {
    size: half,
    values: Uint8Array.from({ length: half ** 2 }, (_, i) => {
      const [row, column] = [2 * Math.floor(i / half), 2 * (i % half)];
      const sum =
        read(row, column) + read(row, column + 1) + read(row + 1, column) + read(row + 1, column + 1);
      return (sum + 1 + ((column / 2) & 1)) >> 2;
    }),
  };
}

/** Back to the full resolution, three parts of the nearer sample and one of the further, along both axes. */
function doubled({ values, size: half }: Samples, size: number): Uint8Array {
  const inside = (place: number): number => Math.min(Math.max(place, 0), half - 1);
  const read = (row: number, column: number): number => values[inside(row) * half + inside(column)] ?? 0;
  return Uint8Array.from({ length: size ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    const [nearRow, nearColumn] = [row >> 1, column >> 1];
    const [farRow, farColumn] = [nearRow + (row & 1 ? 1 : -1), nearColumn + (column & 1 ? 1 : -1)];
    const along = (at: number): number => 3 * read(nearRow, at) + read(farRow, at);
    return (3 * along(nearColumn) + along(farColumn) + (column & 1 ? 7 : 8)) >> 4;
  });
}

/** Blocks of 8 × 8 transformed, rounded to multiples of their steps, and transformed back; the border goes on to whole blocks. */
function quantise({ values, size }: Samples, steps: readonly number[]): Samples {
  const result = new Uint8Array(values.length);
  const block = new Int32Array(64);
  for (let top = 0; top < size; top += 8)
    for (let left = 0; left < size; left += 8) {
      for (let i = 0; i < 64; i++) {
        const row = Math.min(top + (i >> 3), size - 1);
        block[i] = (values[row * size + Math.min(left + (i & 7), size - 1)] ?? 0) - 128;
      }
      transformBlock(block);
      steps.forEach((step, i) => (block[i] = step * roundedTo(block[i] ?? 0, step)));
      restoreBlock(block);
      for (let i = 0; i < 64; i++) {
        const [row, column] = [top + (i >> 3), left + (i & 7)];
        if (row < size && column < size) result[row * size + column] = clip((block[i] ?? 0) + 128);
      }
    }
  return { values: result, size };
}

/** Steps in a coefficient that is scaled by 8; halves go away from 0. */
function roundedTo(coefficient: number, step: number): number {
  const steps = Math.trunc((Math.abs(coefficient) + 4 * step) / (8 * step));
  return coefficient < 0 ? -steps : steps;
}
