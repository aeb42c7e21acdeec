/** Axes: `B` batch, `K` classes. */
import * as tf from '@tensorflow/tfjs-core';
import { assertShape } from '@vitrine/ml-tensor';

/** How the images of a batch were blended: image b is `shares` of its own class and the rest of that of its partner. */
export interface Mix {
  /** int32 in [0, K): the other class. */
  readonly partners_B: tf.Tensor1D;
  /** In [0, 1]. */
  readonly shares_B: tf.Tensor1D;
}

export interface Targets {
  /** int32 in [0, K). */
  readonly labels_B: tf.Tensor1D;
  readonly labelSmoothing: number;
  readonly mix?: Mix | undefined;
}

/**
 * The distribution that a batch is trained towards: one-hot labels smoothed towards the uniform distribution (Szegedy et
 * al. 2016, section 7) as in PyTorch, (1 − s) onehot + s / K, blended as the images were (mixup: Zhang et al., ICLR 2018).
 * @throws ShapeError
 */
export function targetDistribution(classes: number, targets: Targets): tf.Tensor2D {
  const { labels_B, labelSmoothing, mix } = targets;
  const off = labelSmoothing / classes;
  const smoothed = (labels: tf.Tensor1D): tf.Tensor2D =>
    tf.oneHot(labels, classes, 1 - labelSmoothing + off, off, 'float32') as tf.Tensor2D;
  if (!mix) return smoothed(labels_B);
  for (const [name, tensor] of Object.entries(mix)) assertShape(tensor, labels_B.shape, name);
  return tf.tidy(() => {
    const shares_B1 = tf.reshape<tf.Rank.R2>(mix.shares_B, [-1, 1]);
    return tf.add<tf.Tensor2D>(
      tf.mul(smoothed(labels_B), shares_B1),
      tf.mul(smoothed(mix.partners_B), tf.sub(1, shares_B1)),
    );
  });
}

/**
 * Mean cross-entropy of a batch, in nats.
 * @throws ShapeError
 */
export function crossEntropy(logits_BK: tf.Tensor2D, targets: Targets): tf.Scalar {
  const [B, K] = logits_BK.shape;
  assertShape(targets.labels_B, [B], 'labels_B');
  return tf.tidy(() => {
    const target_BK = targetDistribution(K, targets);
    const logProbabilities_BK = tf.logSoftmax(logits_BK);
    return tf.div<tf.Scalar>(tf.neg(tf.sum(tf.mul(target_BK, logProbabilities_BK))), B);
  });
}

/**
 * Mean over the batch of KL(p ‖ q) = Σ p (log p − log q), where p = softmax(first), q = softmax(second), in nats. Gradients
 * flow into both. Zero where both are the same, and there its gradient by the second is zero too.
 */
export function meanDivergence(first_BK: tf.Tensor2D, second_BK: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const [logP_BK, logQ_BK] = [first_BK, second_BK].map((logits) => tf.logSoftmax(logits)) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const divergence = tf.sum(tf.mul(tf.exp(logP_BK), tf.sub(logP_BK, logQ_BK)));
    return tf.div<tf.Scalar>(divergence, first_BK.shape[0]);
  });
}
