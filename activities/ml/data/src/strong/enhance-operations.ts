/** Operations that blend an image with a lesser one, byte for byte those of Pillow's ImageEnhance. */
import { channelOf, type ByteImage } from './byte-image.js';

/** From the lesser image (0) over the image (1) and beyond. Pillow computes in float32 and cuts the fraction off. */
function blend(lesser: (at: number) => number, { pixels, ...image }: ByteImage, factor: number): ByteImage {
  const alpha = Math.fround(factor);
  const blended = pixels.map((byte, at) => {
    const from = lesser(at);
    const value = Math.fround(from + Math.fround(alpha * (byte - from)));
    return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
  });
  return { ...image, pixels: blended };
}

/** Luma of each pixel as Pillow converts to mode L; of an image that is not of three channels its first. */
function luma(image: ByteImage): Uint8Array {
  if (image.channels !== 3) return channelOf(image, 0);
  const [red, green, blue] = [0, 1, 2].map((channel) => channelOf(image, channel)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return red.map((r, at) => (r * 19595 + (green[at] ?? 0) * 38470 + (blue[at] ?? 0) * 7471 + 0x8000) >> 16);
}

export function color(image: ByteImage, factor: number): ByteImage {
  const grey = luma(image);
  return blend((at) => grey[at % grey.length] ?? 0, image, factor);
}

export function contrast(image: ByteImage, factor: number): ByteImage {
  const grey = luma(image);
  const mean = Math.trunc(grey.reduce((sum, byte) => sum + byte, 0) / grey.length + 0.5);
  return blend(() => mean, image, factor);
}

export const brightness = (image: ByteImage, factor: number): ByteImage => blend(() => 0, image, factor);

export function sharpness(image: ByteImage, factor: number): ByteImage {
  const smoothed = smooth(image);
  return blend((at) => smoothed[at] ?? 0, image, factor);
}

/** Pillow's filter SMOOTH: 3 × 3, the centre with weight 5 of 13; the border stays. */
function smooth({ pixels, channels, size }: ByteImage): Uint8Array {
  const result = pixels.slice();
  for (let channel = 0; channel < channels; channel++)
    for (let row = 1; row < size - 1; row++)
      for (let column = 1; column < size - 1; column++) {
        const at = (channel * size + row) * size + column;
        let sum = 4 * (pixels[at] ?? 0);
        for (const from of [at - size - 1, at - 1, at + size - 1])
          sum += (pixels[from] ?? 0) + (pixels[from + 1] ?? 0) + (pixels[from + 2] ?? 0);
        result[at] = Math.floor(sum / 13 + 0.5);
      }
  return result;
}
