/**
 * LayerNorm (Ba, Kiros & Hinton, "Layer Normalization", 2016) over the last axis, with biased variance, and its gradient
 * in closed form. Axes: M rows, D width.
 */
import * as tf from '@tensorflow/tfjs-core';
import { parameter } from './parameter.js';
import type { Vit } from './vit-config.js';

/** timm's epsilon for vision transformers. */
const EPSILON = 1e-6;

/** Rows of mean 0 and variance 1, before gain and offset. */
export interface Standardised {
  readonly unit_MD: tf.Tensor2D;
  /** 1 / √(variance + ε) per row. */
  readonly inverseStd_M1: tf.Tensor2D;
}

/** Mean of each row. (As a sum: tfjs-node's mean first copies its whole input in a cast to its own type.) */
export const rowMean = (x_MD: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.sum(x_MD, 1, true), 1 / x_MD.shape[1]);

export function standardise(x_MD: tf.Tensor2D): Standardised {
  const centred_MD = tf.sub<tf.Tensor2D>(x_MD, rowMean(x_MD));
  const variance_M1 = rowMean(tf.square(centred_MD));
  const inverseStd_M1 = tf.rsqrt(tf.add<tf.Tensor2D>(variance_M1, EPSILON));
  return { unit_MD: tf.mul(centred_MD, inverseStd_M1), inverseStd_M1 };
}

/**
 * Gradient by the rows before standardisation: (d − mean(d) − unit · mean(d · unit)) · inverseStd, where d is the gradient
 * by the unit rows.
 * @param centredGradient_MD d − mean(d)
 */
export function standardiseGradient(
  { unit_MD, inverseStd_M1 }: Standardised,
  centredGradient_MD: tf.Tensor2D,
): tf.Tensor2D {
  const along_M1 = rowMean(tf.mul(centredGradient_MD, unit_MD));
  return tf.mul(tf.sub(centredGradient_MD, tf.mul(unit_MD, along_M1)), inverseStd_M1);
}

/** LayerNorm with gain and offset, differentiated by the tape: for the few rows of the class token. */
export function layerNorm(vit: Vit, name: string, x_MD: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const { unit_MD } = standardise(x_MD);
    return tf.add(tf.mul(unit_MD, parameter(vit, `${name}.weight`)), parameter(vit, `${name}.bias`));
  });
}
