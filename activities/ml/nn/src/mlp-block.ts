/**
 * x + W₂ GELU(W₁ LN(x) + b₁) + b₂ (equation 3), with the exact GELU (Hendrycks & Gimpel 2016),
 *
 *     GELU(y) = y Φ(y) = √½ · u (1 + erf u),   u = √½ · y.
 *
 * One differentiable operation with its gradient in closed form: d/du [u (1 + erf u)] = 1 + erf u + u · (2/√π) exp(−u²).
 * Both factors √½ are folded into the weights. Axes: M rows, D width, H hidden, E = D + 1.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain } from '@vitrine/ml-tensor';
import {
  foldWeights,
  inputGradient,
  normaliseInput,
  weightGradients,
  normalisedLinearWeights,
} from './normalised-linear.js';
import { withGradients } from './with-gradients.js';
import type { Vit } from './vit-config.js';

const LOG_2_OVER_SQRT_PI = Math.log(2 / Math.sqrt(Math.PI));

/** The parameters of the block, in the order in which they enter and their gradients leave. */
const NAMES = [
  'norm2.weight',
  'norm2.bias',
  'mlp.fc1.weight',
  'mlp.fc1.bias',
  'mlp.fc2.weight',
  'mlp.fc2.bias',
] as const;

/** @param stream_MD the residual stream, [M, D] */
export function mlpBlock(vit: Vit, block: string, stream_MD: tf.Tensor2D): tf.Tensor2D {
  return withGradients({
    vit,
    names: NAMES.map((name) => `${block}.${name}`),
    input: stream_MD,
    forward: (x_MD, params) => {
      const [weight_DH, bias_D] = params.slice(4) as [tf.Tensor2D, tf.Tensor1D];
      const first = normalisedLinearWeights(params);
      const normalised = normaliseInput(x_MD);
      const folded_HE = tf.mul<tf.Tensor2D>(foldWeights(first), Math.SQRT1_2);
      const u_MH = tf.matMul<tf.Tensor2D>(normalised.extended_ME, folded_HE, false, true);
      const twiceCdf_MH = chain<tf.Tensor2D>(tf.erf(u_MH), (erf) => tf.add(erf, 1));
      const active_MH = tf.mul<tf.Tensor2D>(u_MH, twiceCdf_MH);
      const value = (): tf.Tensor2D =>
        chain<tf.Tensor2D>(
          tf.matMul(active_MH, tf.mul<tf.Tensor2D>(weight_DH, Math.SQRT1_2), false, true),
          (mixed_MD) => tf.add(mixed_MD, bias_D),
          (mixed_MD) => tf.add(mixed_MD, x_MD),
        );
      return { value, saved: { ...normalised, u_MH, twiceCdf_MH, active_MH } };
    },
    backward: (dy_MD, saved, params) => {
      const [weight_DH] = params.slice(4) as [tf.Tensor2D];
      const first = normalisedLinearWeights(params);
      const { u_MH, twiceCdf_MH, active_MH } = saved;
      // √½ from each of the two folded factors: ½ in all, taken on the [M, D] gradient.
      const half_MD = tf.mul<tf.Tensor2D>(dy_MD, 0.5);
      const slope_MH = chain<tf.Tensor2D>(
        tf.square(u_MH),
        (square) => tf.sub(LOG_2_OVER_SQRT_PI, square),
        tf.exp,
        (density) => tf.mul(u_MH, density),
        (product) => tf.add(product, twiceCdf_MH),
      );
      const dInner_MH = chain<tf.Tensor2D>(slope_MH, (slope) =>
        chain(tf.matMul(half_MD, weight_DH), (dActive) => tf.mul(dActive, slope)),
      );
      return {
        input: chain(inputGradient(first, saved, dInner_MH), (dx) => tf.add(dx, dy_MD)),
        parameters: () => [
          ...weightGradients(first, saved, dInner_MH),
          tf.mul(tf.matMul(dy_MD, active_MH, true, false), Math.SQRT1_2),
          tf.sum(dy_MD, 0),
        ],
      };
    },
  });
}
