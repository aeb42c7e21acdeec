/**
 * LayerNorm (Ba, Kiros & Hinton, "Layer Normalization", 2016) over the last axis, with biased variance, and its gradient
 * in closed form. Axes: M rows, D width.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain } from '@vitrine/ml-tensor';
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
export const rowMean = (x_MD: tf.Tensor2D): tf.Tensor2D =>
  chain(tf.sum(x_MD, 1, true), (sum_M1) => tf.mul(sum_M1, 1 / x_MD.shape[1]));

export function standardise(x_MD: tf.Tensor2D): Standardised {
  const centred_MD = chain<tf.Tensor2D>(rowMean(x_MD), (mean_M1) => tf.sub(x_MD, mean_M1));
  const inverseStd_M1 = chain<tf.Tensor2D>(
    tf.square(centred_MD),
    rowMean,
    (variance_M1) => tf.add(variance_M1, EPSILON),
    tf.rsqrt,
  );
  return { unit_MD: chain(centred_MD, (x) => tf.mul(x, inverseStd_M1)), inverseStd_M1 };
}

/**
 * Gradient by the rows before standardisation: (d − mean(d) − unit · mean(d · unit)) · inverseStd, where d is the gradient
 * by the unit rows.
 * @param centred_MD d − mean(d)
 */
export function standardiseGradient(
  { unit_MD, inverseStd_M1 }: Standardised,
  centred_MD: tf.Tensor2D,
): tf.Tensor2D {
  return chain(
    tf.mul(centred_MD, unit_MD),
    rowMean,
    (along_M1) => tf.mul(unit_MD, along_M1),
    (parallel_MD) => tf.sub(centred_MD, parallel_MD),
    (across_MD) => tf.mul(across_MD, inverseStd_M1),
  );
}

/** LayerNorm with gain and offset, differentiated by the tape: for the few rows of the class token. */
export function layerNorm(vit: Vit, name: string, x_MD: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const { unit_MD } = standardise(x_MD);
    return tf.add(tf.mul(unit_MD, parameter(vit, `${name}.weight`)), parameter(vit, `${name}.bias`));
  });
}
