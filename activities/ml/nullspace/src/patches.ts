/** Images [C, S, S] as flattened patches [N × C·r²] and back, and the units and the size of a noise. */

export interface PatchGrid {
  readonly channels: number;
  /** r; divides the image's size. */
  readonly patchSize: number;
  readonly imageSize: number;
}

/** The patches row by row, each flattened in the order (channel, row, column). */
export function toPatches(grid: PatchGrid, image: Float32Array): Float64Array {
  const flat = new Float64Array(image.length);
  forEachPixel(grid, (pixel, at) => {
    flat[at] = image[pixel] ?? 0;
  });
  return flat;
}

/** The inverse of `toPatches`, in float32. */
export function fromPatches(grid: PatchGrid, patches: Float64Array): Float32Array {
  const image = new Float32Array(patches.length);
  forEachPixel(grid, (pixel, at) => {
    image[pixel] = patches[at] ?? 0;
  });
  return image;
}

function forEachPixel(
  { channels, patchSize, imageSize }: PatchGrid,
  visit: (pixel: number, at: number) => void,
): void {
  const side = imageSize / patchSize;
  const length = channels * patchSize ** 2;
  let pixel = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < imageSize; y++)
      for (let x = 0; x < imageSize; x++, pixel++) {
        const patch = Math.floor(y / patchSize) * side + Math.floor(x / patchSize);
        const column = (channel * patchSize + (y % patchSize)) * patchSize + (x % patchSize);
        visit(pixel, patch * length + column);
      }
}

/** Noise of normalised pixels in the units of pixels in [0, 1]: times the standard deviation of each channel, no mean. */
export function toPixelUnits(noise: Float32Array, std: readonly number[]): Float32Array {
  const plane = noise.length / std.length;
  return noise.map((value, i) => value * (std[Math.floor(i / plane)] ?? 1));
}

/** The inverse of `toPixelUnits`. */
export function toNormalisedUnits(noise: Float32Array, std: readonly number[]): Float32Array {
  const plane = noise.length / std.length;
  return noise.map((value, i) => value / (std[Math.floor(i / plane)] ?? 1));
}

/** What a picture can hold: `clipped` to [0, 1], and `8-bit`, rounded to multiples of 1/255 too. */
export const PIXEL_LIMITS = ['unbounded', 'clipped', '8-bit'] as const;
export type PixelLimit = (typeof PIXEL_LIMITS)[number];

/** Image plus noise, both in pixels of [0, 1], within a limit. */
export function withinLimit(limit: PixelLimit, image: Float32Array, noise: Float32Array): Float32Array {
  return image.map((value, i) => {
    const sum = value + (noise[i] ?? 0);
    if (limit === 'unbounded') return sum;
    const clipped = Math.min(1, Math.max(0, sum));
    return limit === 'clipped' ? clipped : Math.round(clipped * 255) / 255;
  });
}

/** √Σ v², over all entries. */
export function frobenius(values: Float32Array | Float64Array): number {
  let squared = 0;
  for (const value of values) squared += value * value;
  return Math.sqrt(squared);
}
