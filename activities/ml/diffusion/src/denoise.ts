/**
 * From a denoiser's output to images. Axes: B images, C channels, H W rows and columns; values in [−1, 1].
 */
import * as tf from '@tensorflow/tfjs-core';
import { unetOutput, type DenoiserInput, type Unet } from '@vitrine/ml-nn';
import type { Coefficients } from './coefficients.js';

/** What predicts the noise in noisy images: a U-Net, or in tests something that knows the answer. */
export type NoisePredictor = (noisy_BCHW: tf.Tensor4D, time_B: tf.Tensor1D) => tf.Tensor4D;

export const unetPredictor =
  (unet: Unet, more: Pick<DenoiserInput, 'labels_B' | 'dropout'> = {}): NoisePredictor =>
  (noisy_BCHW, time_B) =>
    unetOutput(unet, { noisy_BCHW, time_B, ...more });

/** √ᾱ x₀ + √(1 − ᾱ) ε. */
export const noised = (
  clean_BCHW: tf.Tensor4D,
  noise_BCHW: tf.Tensor4D,
  { signal, noise }: Pick<Coefficients, 'signal' | 'noise'>,
): tf.Tensor4D => tf.add(tf.mul(clean_BCHW, signal), tf.mul(noise_BCHW, noise));

/** Noise and, behind it, where the model says where the variance lies between its bounds, in [−1, 1]. */
export function splitOutput(
  output: tf.Tensor4D,
  channels: number,
): { noise: tf.Tensor4D; variance?: tf.Tensor4D } {
  if (output.shape[1] === channels) return { noise: output };
  const [noise, variance] = tf.split(output, 2, 1) as [tf.Tensor4D, tf.Tensor4D];
  return { noise, variance };
}

/** x₀ as the predicted noise has it, clipped to where images lie (Ho et al. equation 15). */
export function cleanImage(
  noisy_BCHW: tf.Tensor4D,
  noise_BCHW: tf.Tensor4D,
  { signal, noise }: Pick<Coefficients, 'signal' | 'noise'>,
): tf.Tensor4D {
  const clean = tf.div(tf.sub(noisy_BCHW, tf.mul(noise_BCHW, noise)), signal);
  return tf.clipByValue(clean as tf.Tensor4D, -1, 1);
}

/** The clean image from one call of the model: what certification uses (Carlini et al. 2023). */
export function denoiseOnce(
  predict: NoisePredictor,
  noisy_BCHW: tf.Tensor4D,
  coefficients: Coefficients,
): tf.Tensor4D {
  const { noise } = splitOutput(predict(noisy_BCHW, coefficients.time_B), noisy_BCHW.shape[1]);
  return cleanImage(noisy_BCHW, noise, coefficients);
}

/** ln of the variance of a step back: learned between its bounds, or the lower one. */
export function logVariance(
  variance: tf.Tensor4D | undefined,
  { logLower, logUpper }: Pick<Coefficients, 'logLower' | 'logUpper'>,
): tf.Tensor4D {
  if (!variance) return logLower;
  const share = tf.mul(tf.add(variance, 1), 0.5);
  return tf.add(logLower, tf.mul(share, tf.sub(logUpper, logLower)));
}

/**
 * One ancestral step (Ho et al., algorithm 2): a draw from the posterior with the predicted clean image in it. No noise is
 * added by the step that ends at the image.
 */
export function ancestralStep(
  predict: NoisePredictor,
  { noisy_BCHW, draw_BCHW }: { readonly noisy_BCHW: tf.Tensor4D; readonly draw_BCHW: tf.Tensor4D },
  coefficients: Coefficients,
): tf.Tensor4D {
  const { noise, variance } = splitOutput(predict(noisy_BCHW, coefficients.time_B), noisy_BCHW.shape[1]);
  const clean = cleanImage(noisy_BCHW, noise, coefficients);
  const mean = tf.add(tf.mul(clean, coefficients.clean), tf.mul(noisy_BCHW, coefficients.noisy));
  const deviation = tf.exp(tf.mul(logVariance(variance, coefficients), 0.5));
  return tf.add(mean, tf.mul(tf.mul(deviation, draw_BCHW), tf.sub(1, coefficients.last)));
}

/**
 * One deterministic step (Song, Meng, Ermon, "Denoising diffusion implicit models", ICLR 2021, equation 12 with η = 0): the
 * predicted image with as much of the predicted noise as the earlier step holds.
 */
export function implicitStep(
  predict: NoisePredictor,
  noisy_BCHW: tf.Tensor4D,
  { at, before }: { readonly at: Coefficients; readonly before: Pick<Coefficients, 'signal' | 'noise'> },
): tf.Tensor4D {
  const clean = denoiseOnce(predict, noisy_BCHW, at);
  // The noise that fits the clipped image.
  const noise = tf.div(tf.sub(noisy_BCHW, tf.mul(clean, at.signal)), at.noise) as tf.Tensor4D;
  return noised(clean, noise, before);
}
