/**
 * A block in plain operations, every activation in the open: for explanations, which read attention weights and need
 * gradients by them. `attention-block.ts` and `mlp-block.ts` compute the same with less time and memory, and show nothing.
 * Axes: B images, T tokens, M = B·T rows, D width, H heads, d = D / H, G = H·B, U hidden units.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rearrange } from '@vitrine/ml-tensor';
import { layerNorm } from './layer-norm.js';
import { parameter } from './parameter.js';
import { patchCount, type Vit } from './vit-config.js';

export interface OpenBlock {
  readonly input_MD: tf.Tensor2D;
  /** After the first LayerNorm. */
  readonly norm1_MD: tf.Tensor2D;
  /** Heads slowest: row h·B + b belongs to head h of image b. */
  readonly q_GTd: tf.Tensor3D;
  readonly k_GTd: tf.Tensor3D;
  readonly v_GTd: tf.Tensor3D;
  /** q kᵀ before scaling. */
  readonly products_GTT: tf.Tensor3D;
  readonly weights_GTT: tf.Tensor3D;
  readonly context_GTd: tf.Tensor3D;
  /** Heads side by side. */
  readonly context_MD: tf.Tensor2D;
  /** What attention adds to the stream, and the stream behind it. */
  readonly attended_MD: tf.Tensor2D;
  readonly middle_MD: tf.Tensor2D;
  /** After the second LayerNorm. */
  readonly norm2_MD: tf.Tensor2D;
  readonly active_MU: tf.Tensor2D;
  /** What the MLP adds to the stream, and the stream behind it. */
  readonly mixed_MD: tf.Tensor2D;
  readonly output_MD: tf.Tensor2D;
}

/** Stands between an activation and what uses it: gives back its value, and may listen to its gradient. */
export type Tap = <T extends tf.Tensor>(activation: 'weights' | 'norm2', block: number, value: T) => T;

const untapped: Tap = (_activation, _block, value) => value;

function linear(vit: Vit, name: string, x_MI: tf.Tensor2D): tf.Tensor2D {
  const product_MO = tf.matMul(x_MI, parameter<tf.Rank.R2>(vit, `${name}.weight`), false, true);
  return tf.add(product_MO, parameter(vit, `${name}.bias`));
}

/** x Φ(x), Φ the normal distribution function. */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** @param tap sees attention weights and the output of the second LayerNorm */
export function openBlock(
  vit: Vit,
  { block, stream_MD }: { readonly block: number; readonly stream_MD: tf.Tensor2D },
  tap: Tap = untapped,
): OpenBlock {
  const { heads: h, width: D } = vit.config;
  const t = patchCount(vit.config) + 1;
  const at = `blocks.${block}`;
  const norm1_MD = layerNorm(vit, `${at}.norm1`, stream_MD);
  const qkv_MO = linear(vit, `${at}.attn.qkv`, norm1_MD);
  const [q_GTd, k_GTd, v_GTd] = tf.unstack(
    rearrange(qkv_MO, '(b t) (j h d) -> j (h b) t d', { t, h, d: D / h }),
  ) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const products_GTT = tf.matMul<tf.Tensor3D>(q_GTd, k_GTd, false, true);
  const softmax_GTT = tf.softmax(tf.mul<tf.Tensor3D>(products_GTT, 1 / Math.sqrt(D / h)));
  const weights_GTT = tap('weights', block, softmax_GTT);
  const context_GTd = tf.matMul<tf.Tensor3D>(weights_GTT, v_GTd);
  const context_MD = rearrange<tf.Rank.R2>(context_GTd, '(h b) t d -> (b t) (h d)', { h });
  const attended_MD = linear(vit, `${at}.attn.proj`, context_MD);
  const middle_MD = tf.add<tf.Tensor2D>(stream_MD, attended_MD);
  const norm2_MD = tap('norm2', block, layerNorm(vit, `${at}.norm2`, middle_MD));
  const active_MU = gelu(linear(vit, `${at}.mlp.fc1`, norm2_MD));
  const mixed_MD = linear(vit, `${at}.mlp.fc2`, active_MU);
  const output_MD = tf.add<tf.Tensor2D>(middle_MD, mixed_MD);
  return {
    input_MD: stream_MD,
    ...{ norm1_MD, q_GTd, k_GTd, v_GTd, products_GTT, weights_GTT, context_GTd, context_MD },
    ...{ attended_MD, middle_MD, norm2_MD, active_MU, mixed_MD, output_MD },
  };
}
