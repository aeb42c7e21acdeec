import type * as tf from '@tensorflow/tfjs-core';
import type { Vit } from './vit-config.js';
import { WeightsError } from './weights-error.js';

/** A parameter by timm's name. @throws WeightsError if the model has none of that name */
export function parameter<R extends tf.Rank = tf.Rank>(vit: Vit, name: string): tf.Tensor<R> {
  const tensor = vit.params[name];
  if (tensor === undefined) throw new WeightsError([name], [], []);
  return tensor as tf.Tensor<R>;
}
