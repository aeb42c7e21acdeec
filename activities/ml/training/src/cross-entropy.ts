import * as tf from '@tensorflow/tfjs-core';
import { assertShape } from '@vitrine/ml-tensor';

/**
 * Mean cross-entropy of a batch, in nats, with labels smoothed towards the uniform distribution (Szegedy et al. 2016,
 * section 7) as in PyTorch: the target is (1 − s) onehot + s / K.
 * @param labels_B int32 in [0, K)
 * @throws ShapeError
 */
export function crossEntropy(
  logits_BK: tf.Tensor2D,
  labels_B: tf.Tensor1D,
  labelSmoothing: number,
): tf.Scalar {
  const [B, K] = logits_BK.shape;
  assertShape(labels_B, [B], 'labels_B');
  return tf.tidy(() => {
    const off = labelSmoothing / K;
    const target_BK = tf.oneHot(labels_B, K, 1 - labelSmoothing + off, off, 'float32');
    const logProbabilities_BK = tf.logSoftmax(logits_BK);
    return tf.div<tf.Scalar>(tf.neg(tf.sum(tf.mul(target_BK, logProbabilities_BK))), B);
  });
}
