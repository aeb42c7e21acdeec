/** Axes: `M` noises, `N` patch tokens, `D` width, `K` classes. */
import * as tf from '@tensorflow/tfjs-core';
import { meanDistance } from './distances.js';
import { noisyOutputs, type CleanOutputs, type SplitModel } from './split-model.js';
import { distanceOf, type SynthesisSettings } from './synthesis-settings.js';

/**
 * What is descended, one number of each noise.
 * @returns the logits too, which the stop needs
 */
export function synthesisLoss(
  model: SplitModel,
  clean: CleanOutputs,
  { noise_MND, settings }: { readonly noise_MND: tf.Tensor3D; readonly settings: SynthesisSettings },
): { readonly loss_M: tf.Tensor1D; readonly logits_MBK: tf.Tensor3D } {
  const { logits_MBK, features_MBD } = noisyOutputs(model, clean.patches_BND, noise_MND);
  const distance_M = settings.loss.startsWith('features')
    ? meanDistance<tf.Rank.R1>(distanceOf(settings.loss), clean.features_BD, features_MBD)
    : meanDistance<tf.Rank.R1>(distanceOf(settings.loss), clean.logits_BK, logits_MBK);
  if (settings.logBarrier === 0) return { loss_M: distance_M, logits_MBK };
  const logNorm_M = tf.mul(tf.log(tf.sum<tf.Tensor1D>(tf.square(noise_MND), [1, 2])), 0.5);
  return { loss_M: tf.sub(distance_M, tf.mul(logNorm_M, settings.logBarrier)), logits_MBK };
}
