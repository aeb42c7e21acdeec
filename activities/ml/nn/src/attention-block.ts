import * as tf from '@tensorflow/tfjs-core';
import { rearrange } from '@vitrine/ml-tensor';
import { layerNorm } from './layer-norm.js';
import { parameter } from './parameter.js';
import type { Vit } from './vit-config.js';

/** x + W_o MHSA(LN(x)) + b_o. */
export function attentionBlock(
  vit: Vit,
  name: string,
  { stream_MD, images, heads }: { stream_MD: tf.Tensor2D; images: number; heads: number },
): tf.Tensor2D {
  return tf.tidy(() => {
    const qkv_M3D = tf.add(
      tf.matMul(
        layerNorm(vit, `${name}.norm1`, stream_MD),
        parameter<tf.Rank.R2>(vit, `${name}.attn.qkv.weight`),
        false,
        true,
      ),
      parameter(vit, `${name}.attn.qkv.bias`),
    );
    const qkv_JXTd = rearrange(qkv_M3D, '(b t) (j h d) -> j (b h) t d', { b: images, j: 3, h: heads });
    const [query_XTd, key_XTd, value_XTd] = tf.unstack(qkv_JXTd) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    const scale = 1 / Math.sqrt(query_XTd.shape[2]);
    const weights_XTT = tf.softmax(tf.matMul(tf.mul(query_XTd, scale), key_XTd, false, true));
    const context_MD = rearrange<tf.Rank.R2>(tf.matMul(weights_XTT, value_XTd), '(b h) t d -> (b t) (h d)', {
      h: heads,
    });
    const mixed_MD = tf.matMul(
      context_MD,
      parameter<tf.Rank.R2>(vit, `${name}.attn.proj.weight`),
      false,
      true,
    );
    return tf.add(tf.add(stream_MD, mixed_MD), parameter(vit, `${name}.attn.proj.bias`));
  });
}
