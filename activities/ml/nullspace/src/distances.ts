/** How far the outputs with noise are from those without. Axes: `B` batch, `K` classes. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * q = mean over images of Σ_k (softmax(z) − softmax(z̃))², from 0 (equal) to 2 (two different certainties). This, not a
 * distance of logits, is what the paper's tolerance ε bounds.
 */
export function meanSquaredProbabilityDistance(logits_BK: tf.Tensor2D, noisy_BK: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.sum(tf.squaredDifference(tf.softmax(logits_BK), tf.softmax(noisy_BK)), 1)));
}

/** Mean over images of Σ_k (z − z̃)²: the loss that the synthesis descends. */
export function meanSquaredLogitDistance(logits_BK: tf.Tensor2D, noisy_BK: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.sum(tf.squaredDifference(logits_BK, noisy_BK), 1)));
}
