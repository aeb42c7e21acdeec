/**
 * What the class token looks at in the last block: its row of softmax(q kᵀ / √d), the mean over heads, over patches alone and
 * scaled to sum 1. Axes: B images, T tokens, N = T − 1 patches, D width, K classes, h heads.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rearrange } from '@vitrine/ml-tensor';
import { attentionBlock } from './attention-block.js';
import { layerNorm } from './layer-norm.js';
import { mlpBlock } from './mlp-block.js';
import { parameter } from './parameter.js';
import { classify, embedPatches, tokensAfter } from './vit.js';
import { patchCount, type Vit } from './vit-config.js';

export interface ClassAttention {
  /** On the simplex. */
  readonly attention_BN: tf.Tensor2D;
  readonly logits_BK: tf.Tensor2D;
}

/** Attention and logits of one forward pass. @throws ShapeError */
export function classAttention(vit: Vit, pixels_BCHW: tf.Tensor4D): ClassAttention {
  const { width: D, depth, heads } = vit.config;
  const N = patchCount(vit.config);
  const B = pixels_BCHW.shape[0];
  const at = `blocks.${depth - 1}`;
  return tf.tidy(() => {
    const before_MD = tokensAfter(vit, embedPatches(vit, pixels_BCHW), depth - 1);
    const qkv_MJ = tf.add(
      tf.matMul(
        layerNorm(vit, `${at}.norm1`, before_MD),
        parameter<tf.Rank.R2>(vit, `${at}.attn.qkv.weight`),
        false,
        true,
      ),
      parameter(vit, `${at}.attn.qkv.bias`),
    );
    const parts = rearrange(tf.reshape<tf.Rank.R3>(qkv_MJ, [B, N + 1, 3 * D]), 'b t (p h d) -> p (b h) t d', {
      p: 3,
      h: heads,
    });
    const [q, k] = tf.unstack(parts) as [tf.Tensor3D, tf.Tensor3D];
    const query = tf.slice(q, [0, 0, 0], [B * heads, 1, D / heads]);
    const weights = tf.softmax(tf.mul(tf.matMul(query, k, false, true), Math.sqrt(heads / D)) as tf.Tensor3D);
    const mean_BT = tf.mean(tf.reshape(weights, [B, heads, N + 1]), 1) as tf.Tensor2D;
    const patches_BN = tf.slice(mean_BT, [0, 1], [B, N]);
    const after_MD = mlpBlock(vit, at, attentionBlock(vit, at, before_MD));
    const class_BD = tf.reshape<tf.Rank.R2>(
      tf.slice(tf.reshape<tf.Rank.R3>(after_MD, [B, N + 1, D]), [0, 0, 0], [B, 1, D]),
      [B, D],
    );
    return {
      attention_BN: tf.div(patches_BN, tf.sum(patches_BN, 1, true)),
      logits_BK: classify(vit, layerNorm(vit, 'norm', class_BD)),
    } as unknown as tf.TensorContainerObject;
  }) as unknown as ClassAttention;
}
