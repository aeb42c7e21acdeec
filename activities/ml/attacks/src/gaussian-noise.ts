import { normal, PURPOSE } from '@vitrine/ml-tensor';
import { toPixel } from './pixel-range.js';

/**
 * Pixels with Gaussian noise, clipped to [0, 1]. The noise of an image is a function of (seed, image).
 * @param pixels images × C × H × W, in [0, 1]
 * @param options.sigma standard deviation, in pixels of [0, 1]
 * @param options.index number of the first image within its data set
 */
export function gaussianNoise(
  pixels: Float32Array,
  options: { readonly images: number; readonly sigma: number; readonly seed: number; readonly index: number },
): Float32Array {
  const { images, sigma, seed, index } = options;
  const stride = pixels.length / images;
  const noisy = pixels.slice();
  for (let image = 0; image < images; image++) {
    const key = { seed, purpose: PURPOSE.gaussian, index: index + image };
    normal(key, stride).forEach((draw, at) => {
      const value = (pixels[image * stride + at] ?? 0) + sigma * draw;
      noisy[image * stride + at] = toPixel(value);
    });
  }
  return noisy;
}
