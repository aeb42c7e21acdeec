/**
 * LayerNorm followed by a linear layer, y = W (γ ∘ x̂ + β) + b, the start of both halves of a pre-norm block.
 * Axes: M rows, D width, O outputs.
 *
 * Gain, offset and bias are folded into one matrix over unit rows with a column of ones appended,
 *
 *     y = [x̂ 1] Fᵀ,   F = [W diag(γ) | W β + b],
 *
 * so that three passes over the activations become work on the weights, and dF = dyᵀ [x̂ 1] yields the gradients of W, γ, β
 * and b with one matrix product. The mean that LayerNorm's gradient subtracts is taken off F's rows instead:
 * (dy W diag(γ)) (I − 11ᵀ/D) = dy (W diag(γ) (I − 11ᵀ/D)).
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain } from '@vitrine/ml-tensor';
import { rowMean, standardise, standardiseGradient } from './layer-norm.js';

export interface NormalisedLinearWeights {
  readonly gain_D: tf.Tensor1D;
  readonly offset_D: tf.Tensor1D;
  readonly weight_OD: tf.Tensor2D;
  readonly bias_O: tf.Tensor1D;
}

/** @param params gain, offset, weight and bias, in this order; what follows is left alone */
export function normalisedLinearWeights(params: readonly tf.Tensor[]): NormalisedLinearWeights {
  const [gain_D, offset_D, weight_OD, bias_O] = params as [
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor2D,
    tf.Tensor1D,
  ];
  return { gain_D, offset_D, weight_OD, bias_O };
}

/** What the gradient needs of the forward pass. */
export interface NormalisedInput {
  readonly unit_MD: tf.Tensor2D;
  readonly inverseStd_M1: tf.Tensor2D;
  /** The unit rows with a 1 appended. */
  readonly extended_ME: tf.Tensor2D;
}

export function normaliseInput(x_MD: tf.Tensor2D): NormalisedInput {
  const standardised = standardise(x_MD);
  const ones: [number, number][] = [
    [0, 0],
    [0, 1],
  ];
  return { ...standardised, extended_ME: tf.pad(standardised.unit_MD, ones, 1) };
}

/** F, so that y = extended Fᵀ. */
export function foldWeights({ gain_D, offset_D, weight_OD, bias_O }: NormalisedLinearWeights): tf.Tensor2D {
  const [O, D] = weight_OD.shape;
  const shift_O1 = tf.add<tf.Tensor2D>(
    tf.matMul(weight_OD, tf.reshape<tf.Rank.R2>(offset_D, [D, 1])),
    tf.reshape<tf.Rank.R2>(bias_O, [O, 1]),
  );
  return tf.concat([tf.mul<tf.Tensor2D>(weight_OD, gain_D), shift_O1], 1);
}

/** Gradient by x of a loss with gradient dy by y. */
export function inputGradient(
  { gain_D, weight_OD }: NormalisedLinearWeights,
  input: NormalisedInput,
  dy_MO: tf.Tensor2D,
): tf.Tensor2D {
  const scaled_OD = tf.mul<tf.Tensor2D>(weight_OD, gain_D);
  const centred_OD = tf.sub<tf.Tensor2D>(scaled_OD, rowMean(scaled_OD));
  return chain(tf.matMul(dy_MO, centred_OD), (d_MD: tf.Tensor2D) => standardiseGradient(input, d_MD));
}

/** Gradients by gain, offset, weight and bias, in this order. */
export function weightGradients(
  { gain_D, offset_D, weight_OD }: NormalisedLinearWeights,
  { extended_ME }: NormalisedInput,
  dy_MO: tf.Tensor2D,
): [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor] {
  const [O, D] = weight_OD.shape;
  const dFolded_OE = tf.matMul(dy_MO, extended_ME, true, false);
  const dScaled_OD = tf.slice(dFolded_OE, [0, 0], [O, D]);
  const dShift_O1 = tf.slice(dFolded_OE, [0, D], [O, 1]);
  return [
    tf.sum(tf.mul(dScaled_OD, weight_OD), 0),
    tf.reshape(tf.matMul(dShift_O1, weight_OD, true, false), [D]),
    tf.add(tf.mul(dScaled_OD, gain_D), tf.mul(dShift_O1, offset_D)),
    tf.reshape(dShift_O1, [O]),
  ];
}
