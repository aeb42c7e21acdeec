import * as tf from '@tensorflow/tfjs-core';
import { parameter } from './parameter.js';
import type { Vit } from './vit-config.js';

/** timm's epsilon for vision transformers. */
export const LAYER_NORM_EPSILON = 1e-6;

/** LayerNorm over the last axis (Ba, Kiros & Hinton 2016), with biased variance, gain and offset. */
export function layerNorm(vit: Vit, name: string, x_MD: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const centred_MD = tf.sub(x_MD, tf.mean(x_MD, -1, true));
    const variance_M1 = tf.mean(tf.square(centred_MD), -1, true);
    const unit_MD = tf.mul(centred_MD, tf.rsqrt(tf.add(variance_M1, LAYER_NORM_EPSILON)));
    return tf.add(tf.mul(unit_MD, parameter(vit, `${name}.weight`)), parameter(vit, `${name}.bias`));
  });
}
