/**
 * How far the outputs with noise are from those without. The last two axes are images and classes; an axis before them
 * (`M` noises) stays. Axes: `M` noises, `B` images, `K` classes or features.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Keeps the slope of a root finite where two outputs are equal. */
const ROOT_FLOOR = 1e-12;

/** Of every image. */
const DISTANCES = {
  /** Σ_k (softmax(z) − softmax(z̃))², from 0 (equal) to 2 (two different certainties). */
  'probs-sq': (clean: tf.Tensor, noisy: tf.Tensor) =>
    tf.sum(tf.squaredDifference(tf.softmax(clean), tf.softmax(noisy)), -1),
  /** Σ_k (z − z̃)². */
  sq: (clean: tf.Tensor, noisy: tf.Tensor) => tf.sum(tf.squaredDifference(clean, noisy), -1),
  /** The root of it. */
  l2: (clean: tf.Tensor, noisy: tf.Tensor) =>
    tf.sqrt(tf.add(tf.sum(tf.squaredDifference(clean, noisy), -1), ROOT_FLOOR)),
};

export type Distance = keyof typeof DISTANCES;

/** The distance of every image. */
export function distancePerImage(kind: Distance, clean: tf.Tensor, noisy: tf.Tensor): tf.Tensor {
  return tf.tidy(() => DISTANCES[kind](clean, noisy));
}

/** Its mean over images: a scalar, or one number of each noise. */
export function meanDistance<R extends tf.Rank>(
  kind: Distance,
  clean: tf.Tensor,
  noisy: tf.Tensor,
): tf.Tensor<R> {
  return tf.tidy(() => tf.mean(DISTANCES[kind](clean, noisy), -1));
}

/**
 * q = mean over images of Σ_k (softmax(z) − softmax(z̃))². This, not a distance of logits, is what the paper's tolerance ε
 * bounds.
 */
export const meanSquaredProbabilityDistance = (clean: tf.Tensor, noisy: tf.Tensor): tf.Scalar =>
  meanDistance<tf.Rank.R0>('probs-sq', clean, noisy);

/** Mean over images of Σ_k (z − z̃)²: the loss that the synthesis descends. */
export const meanSquaredLogitDistance = (clean: tf.Tensor, noisy: tf.Tensor): tf.Scalar =>
  meanDistance<tf.Rank.R0>('sq', clean, noisy);
