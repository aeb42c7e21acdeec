/**
 * What a denoiser is trained on. Paper: Nichol & Dhariwal, ICML 2021: L_simple (equation 14), and with a learned variance
 * L_hybrid = L_simple + 0.001 L_vlb (equation 16), in which the mean takes no part in the second term's gradient.
 * Reference followed: openai/improved-diffusion `training_losses` with rescaled learned variances; L_vlb is the sum over all
 * steps, so one step's term counts T-fold, 0.001 T = T / 1000, in bits by pixel.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Coefficients } from './coefficients.js';
import { logVariance, noised, splitOutput, type NoisePredictor } from './denoise.js';

export interface DenoiserBatch {
  /** In [−1, 1]. */
  readonly clean_BCHW: tf.Tensor4D;
  /** From N(0, 1). */
  readonly noise_BCHW: tf.Tensor4D;
  readonly coefficients: Coefficients;
}

/** Mean over the batch and all pixels. @param steps T, the weight of the second term times 1000 */
export function denoiserLoss(predict: NoisePredictor, batch: DenoiserBatch, steps: number): tf.Scalar {
  const { clean_BCHW, noise_BCHW, coefficients } = batch;
  const noisy_BCHW = noised(clean_BCHW, noise_BCHW, coefficients);
  const output = splitOutput(predict(noisy_BCHW, coefficients.time_B), clean_BCHW.shape[1]);
  const simple = tf.mean<tf.Scalar>(tf.squaredDifference(output.noise, noise_BCHW));
  if (!output.variance) return simple;
  const bits = boundInBits({ ...batch, noisy_BCHW }, output.noise, output.variance);
  return tf.add(simple, tf.mul(bits, steps / 1000));
}

/** No gradient passes. */
const fixed = tf.customGrad((x) => ({
  value: (x as tf.Tensor).clone(),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

type Noisy = DenoiserBatch & { readonly noisy_BCHW: tf.Tensor4D };

/** The step's term of the variational bound; of the step that ends at the image, the likelihood of its 256 values. */
function boundInBits(batch: Noisy, noise: tf.Tensor4D, variance: tf.Tensor4D): tf.Scalar {
  const { clean_BCHW, noisy_BCHW, coefficients } = batch;
  const { clean: share, noisy: rest, logLower, last } = coefficients;
  const posterior = (image: tf.Tensor4D): tf.Tensor4D =>
    tf.add(tf.mul(image, share), tf.mul(noisy_BCHW, rest));
  const predicted = posterior(
    tf.div(tf.sub(noisy_BCHW, tf.mul(fixed(noise), coefficients.noise)), coefficients.signal) as tf.Tensor4D,
  );
  const log = logVariance(variance, coefficients);
  const distance = tf.squaredDifference(posterior(clean_BCHW), predicted);
  const divergence = tf.mul(
    tf.add(
      tf.sub(tf.sub(log, logLower), 1),
      tf.add(tf.exp(tf.sub(logLower, log)), tf.mul(distance, tf.exp(tf.neg(log)))),
    ),
    0.5,
  );
  const likelihood = discretised(clean_BCHW, predicted, tf.mul(log, 0.5));
  const nats = tf.sub(tf.mul(divergence, tf.sub(1, last)), tf.mul(likelihood, last));
  return tf.div<tf.Scalar>(tf.mean(nats), Math.LN2);
}

/** ln of a Gaussian's mass on the interval of 1/255 to both sides of each value, open at the ends. */
function discretised(x: tf.Tensor4D, mean: tf.Tensor4D, logDeviation: tf.Tensor4D): tf.Tensor4D {
  const inverse = tf.exp(tf.neg(logDeviation));
  const below = (border: number): tf.Tensor4D => cumulative(tf.mul(tf.add(tf.sub(x, mean), border), inverse));
  const [upper, lower] = [below(1 / 255), below(-1 / 255)];
  const log = (mass: tf.Tensor): tf.Tensor4D => tf.log(tf.maximum(mass, 1e-12)) as tf.Tensor4D;
  const inside = log(tf.sub(upper, lower));
  return tf.where(
    tf.less(x, -0.999),
    log(upper),
    tf.where(tf.greater(x, 0.999), log(tf.sub(1, lower)), inside),
  );
}

/** Φ by the usual cubic in tanh, as the reference has it. */
const cumulative = (z: tf.Tensor4D): tf.Tensor4D =>
  tf.mul(tf.add(tf.tanh(tf.mul(tf.add(z, tf.mul(tf.pow(z, 3), 0.044715)), Math.sqrt(2 / Math.PI))), 1), 0.5);
