import type * as tf from '@tensorflow/tfjs-core';
import { reshape } from '@tensorflow/tfjs-core';
import { noisyOutputs, type SplitModel } from '../split-model.js';

/** Logits [B, K] with one noise [1, N, D] on the embeddings. */
export function noisyLogits(
  model: SplitModel,
  patches_BND: tf.Tensor3D,
  noise_1ND: tf.Tensor3D,
): tf.Tensor2D {
  const { logits_MBK } = noisyOutputs(model, patches_BND, noise_1ND);
  return reshape<tf.Rank.R2>(logits_MBK, [patches_BND.shape[0], -1]);
}
