/**
 * x + W_o concat_h(softmax(q_h k_hᵀ / √d) v_h) + b_o with [q k v] = W LN(x) + b (equation 2; Vaswani et al. 2017).
 *
 * One differentiable operation with its gradient in closed form. Axes: B images, T tokens, M = B·T rows, D width,
 * H heads, d = D / H, J = 3·H (q heads, then k heads, then v heads), G = H·B, E = D + 1.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain, rearrange } from '@vitrine/ml-tensor';
import {
  foldWeights,
  inputGradient,
  normaliseInput,
  weightGradients,
  normalisedLinearWeights,
} from './normalised-linear.js';
import { patchCount, type Vit } from './vit-config.js';
import { withGradients } from './with-gradients.js';

/** The parameters of the block, in the order in which they enter and their gradients leave. */
const NAMES = [
  'norm1.weight',
  'norm1.bias',
  'attn.qkv.weight',
  'attn.qkv.bias',
  'attn.proj.weight',
  'attn.proj.bias',
] as const;

/** Gradient by the scores of a softmax over the last axis: p ∘ (dp − Σ dp ∘ p). */
function softmaxGradient(weights_GTT: tf.Tensor3D, dWeights_GTT: tf.Tensor3D): tf.Tensor3D {
  const product_GTT = tf.mul<tf.Tensor3D>(dWeights_GTT, weights_GTT);
  const share_GTT = chain(tf.sum(product_GTT, 2, true), (sum_GT1) => tf.mul(weights_GTT, sum_GT1));
  return chain(product_GTT, (product) => tf.sub(product, share_GTT));
}

/** @param stream_MD the residual stream, [B·T, D], all tokens of an image together */
export function attentionBlock(vit: Vit, block: string, stream_MD: tf.Tensor2D): tf.Tensor2D {
  const { heads: H, width: D } = vit.config;
  const T = patchCount(vit.config) + 1;
  const d = D / H;
  const G = (stream_MD.shape[0] / T) * H;
  const scale = 1 / Math.sqrt(d);
  return withGradients({
    vit,
    names: NAMES.map((name) => `${block}.${name}`),
    input: stream_MD,
    forward: (x_MD, params) => {
      const [outWeight_DD, outBias_D] = params.slice(4) as [tf.Tensor2D, tf.Tensor1D];
      const projection = normalisedLinearWeights(params);
      const normalised = normaliseInput(x_MD);
      // A matrix per head instead of one for all: the result then lies head by head and needs no transposition.
      const folded_JdE = tf.reshape<tf.Rank.R3>(foldWeights(projection), [3 * H, d, D + 1]);
      const qkv_JMd = tf.matMul(tf.expandDims(normalised.extended_ME), folded_JdE, false, true);
      const [q_GTd, k_GTd, v_GTd] = tf.unstack(tf.reshape(qkv_JMd, [3, G, T, d])) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      const weights_GTT = chain<tf.Tensor3D>(
        tf.matMul(q_GTd, k_GTd, false, true),
        (products) => tf.mul(products, scale),
        (scores) => tf.softmax(scores),
      );
      const context_MD = chain<tf.Tensor2D>(tf.matMul(weights_GTT, v_GTd), (context_GTd) =>
        rearrange(context_GTd, '(h b) t d -> (b t) (h d)', { h: H }),
      );
      const value = (): tf.Tensor2D =>
        chain<tf.Tensor2D>(
          tf.matMul(context_MD, outWeight_DD, false, true),
          (mixed_MD) => tf.add(mixed_MD, outBias_D),
          (mixed_MD) => tf.add(mixed_MD, x_MD),
        );
      return { value, saved: { ...normalised, q_GTd, k_GTd, v_GTd, weights_GTT, context_MD } };
    },
    backward: (dy_MD, saved, params) => {
      const [outWeight_DD] = params.slice(4) as [tf.Tensor2D];
      const projection = normalisedLinearWeights(params);
      const { q_GTd, k_GTd, v_GTd, weights_GTT, context_MD } = saved;
      const dContext_GTd = chain<tf.Tensor3D>(tf.matMul(dy_MD, outWeight_DD), (dContext_MD) =>
        rearrange(dContext_MD, '(b t) (h d) -> (h b) t d', { h: H, t: T }),
      );
      const dScores_GTT = chain<tf.Tensor3D>(
        tf.matMul(dContext_GTd, v_GTd, false, true),
        (dWeights_GTT) => softmaxGradient(weights_GTT, dWeights_GTT),
        (gradient_GTT) => tf.mul(gradient_GTT, scale),
      );
      const dqkv_XTd = tf.concat(
        [
          tf.matMul(dScores_GTT, k_GTd),
          tf.matMul(dScores_GTT, q_GTd, true, false),
          tf.matMul(weights_GTT, dContext_GTd, true, false),
        ],
        0,
      );
      const dqkv_MO = chain<tf.Tensor2D>(dqkv_XTd, (d_XTd) =>
        rearrange(d_XTd, '(j b) t d -> (b t) (j d)', { j: 3 * H }),
      );
      return {
        input: chain(inputGradient(projection, saved, dqkv_MO), (dx_MD) => tf.add(dx_MD, dy_MD)),
        parameters: () => [
          ...weightGradients(projection, saved, dqkv_MO),
          tf.matMul(dy_MD, context_MD, true, false),
          tf.sum(dy_MD, 0),
        ],
      };
    },
  });
}
