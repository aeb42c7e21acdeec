/**
 * Fast gradient sign method: Goodfellow, Shlens, Szegedy, "Explaining and Harnessing Adversarial Examples", ICLR 2015,
 * equation of section 4: x + ε sign(∇ₓ CE), clipped to [0, 1]. Reference followed: torchattacks 23620a6.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ascentDirection, type Batch, type Classifier } from './attacked-batch.js';

/**
 * @param options.epsilon budget in L∞, in pixels of [0, 1]
 * @returns adversarial pixels [B, C, H, W]; the caller disposes of them
 */
export function fgsm(
  classifier: Classifier,
  batch: Batch,
  options: { readonly epsilon: number },
): tf.Tensor4D {
  return tf.tidy(() => {
    const step = tf.mul(ascentDirection(classifier, batch), options.epsilon);
    return tf.clipByValue(tf.add<tf.Tensor4D>(batch.pixels_BCHW, step), 0, 1);
  });
}
