import * as tf from '@tensorflow/tfjs-core';
import { normal, PURPOSE } from '@vitrine/ml-tensor';

/**
 * Pixels with Gaussian noise, clipped to [0, 1]. The noise of an image is a function of (seed, image).
 * @param options.sigma standard deviation, in pixels of [0, 1]
 * @param options.index number of the first image within its data set
 */
export function gaussianNoise(
  pixels_BCHW: tf.Tensor4D,
  options: { readonly sigma: number; readonly seed: number; readonly index: number },
): tf.Tensor4D {
  const { sigma, seed, index } = options;
  const [images, ...rest] = pixels_BCHW.shape;
  const stride = rest.reduce((product, extent) => product * extent, 1);
  const noise = new Float32Array(images * stride);
  for (let image = 0; image < images; image++)
    noise.set(normal({ seed, purpose: PURPOSE.gaussian, index: index + image }, stride), image * stride);
  return tf.tidy(() => {
    const scaled = tf.mul(tf.tensor4d(noise, pixels_BCHW.shape), sigma);
    return tf.clipByValue(tf.add<tf.Tensor4D>(pixels_BCHW, scaled), 0, 1);
  });
}
