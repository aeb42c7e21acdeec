import type * as tf from '@tensorflow/tfjs-core';
import { logits, type Vit } from '@vitrine/ml-nn';

/** Logits [B, K] of pixels [B, C, S, S] in [0, 1], without gradients. The caller owns the result. @throws ShapeError */
export function predictLogits(vit: Vit, pixels_BCHW: tf.Tensor4D): tf.Tensor2D {
  return logits({ ...vit, frozen: true }, pixels_BCHW);
}
