import * as tf from '@tensorflow/tfjs-core';
import { layerNorm } from './layer-norm.js';
import { parameter } from './parameter.js';
import type { Vit } from './vit-config.js';

/** x + W₂ GELU(W₁ LN(x) + b₁) + b₂ with the exact GELU, x Φ(x). */
export function mlpBlock(vit: Vit, name: string, stream_MD: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const inner_MH = tf.add(
      tf.matMul(
        layerNorm(vit, `${name}.norm2`, stream_MD),
        parameter<tf.Rank.R2>(vit, `${name}.mlp.fc1.weight`),
        false,
        true,
      ),
      parameter(vit, `${name}.mlp.fc1.bias`),
    );
    const cdf_MH = tf.mul(tf.add(tf.erf(tf.mul(inner_MH, Math.SQRT1_2)), 1), 0.5);
    const outer_MD = tf.matMul(
      tf.mul<tf.Tensor2D>(inner_MH, cdf_MH),
      parameter<tf.Rank.R2>(vit, `${name}.mlp.fc2.weight`),
      false,
      true,
    );
    return tf.add(tf.add(stream_MD, outer_MD), parameter(vit, `${name}.mlp.fc2.bias`));
  });
}
