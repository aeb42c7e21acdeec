/**
 * Explanations by attention. Axes: H heads, B images, T tokens, N patches.
 *
 * - Raw attention: the class token's row of one block, mean over heads.
 * - Rollout: Abnar & Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020; with the discarding of small weights
 *   that the Vision DiffMask code takes from the common ViT port.
 * - Gradient attention: Chefer, Gur & Wolf, "Generic Attention-model Explainability", ICCV 2021, self-attention rule. The
 *   Vision DiffMask paper cites their CVPR 2021 method and its code has this one.
 *
 * Differs from the released rollout: weights are discarded in every image, not in the first of a batch alone, and the map is
 * divided by the largest value of its own image.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Vit } from '@vitrine/ml-nn';
import { rearrange } from '@vitrine/ml-tensor';
import { openForward, tappedGradients, type ExplainedBatch } from './open-pass.js';

/** Mean over heads, [B, T, T]. */
export const meanOverHeads = (weights_GTT: tf.Tensor, heads: number): tf.Tensor3D =>
  tf.mean(rearrange<tf.Rank.R4>(weights_GTT, '(h b) t s -> h b t s', { h: heads }), 0);

/** What the class token takes from each patch, [B, N]. */
export function fromPatches(flow_BTT: tf.Tensor3D): tf.Tensor2D {
  const [B, T] = flow_BTT.shape;
  return tf.reshape(tf.slice(flow_BTT, [0, 0, 1], [B, 1, T - 1]), [B, T - 1]);
}

/** A map over its largest value; a map without any stays zero. */
export function overLargest(map_BN: tf.Tensor2D): tf.Tensor2D {
  const largest_B1 = tf.max(map_BN, 1, true);
  const divisor_B1 = tf.where(tf.greater(largest_B1, 0), largest_B1, tf.onesLike(largest_B1));
  return tf.div(map_BN, divisor_B1);
}

export function rawAttention(vit: Vit, { pixels_BCHW }: ExplainedBatch): tf.Tensor2D {
  const { blocks } = openForward(vit, pixels_BCHW);
  const last = blocks.at(-1)?.weights_GTT as tf.Tensor3D;
  return fromPatches(meanOverHeads(last, vit.config.heads));
}

/** Product of layers from the last to the first, each mixed half with the identity and with rows that sum to 1. */
export function rollOut(layers: readonly tf.Tensor3D[]): tf.Tensor3D {
  const [first] = layers;
  const identity = tf.eye(first?.shape[1] ?? 0);
  return layers
    .map((layer) => {
      const mixed = tf.div(tf.add(layer, identity), 2);
      return tf.div<tf.Tensor3D>(mixed, tf.sum(mixed, 2, true));
    })
    .reduce((flow, layer) => tf.matMul(layer, flow));
}

/**
 * Zero where fewer than `kept` entries of the image's map are larger; the first entry stays, as in the released code. Ties
 * at the threshold stay together.
 */
function discardSmall(map_BTT: tf.Tensor3D, threshold_B: tf.Tensor1D): tf.Tensor3D {
  const [, T] = map_BTT.shape;
  const stays = tf.greaterEqual(map_BTT, tf.reshape(threshold_B, [-1, 1, 1]));
  const corner = tf.pad(tf.ones([1, 1]), [
    [0, T - 1],
    [0, T - 1],
  ]);
  return tf.mul(map_BTT, tf.maximum(tf.cast(stays, 'float32'), corner));
}

/** The value at a quantile of each row, by bisection on the count: sorting cannot be recorded. */
function quantile(values_BX: tf.Tensor2D, share: number): tf.Tensor1D {
  const [B, X] = values_BX.shape;
  const below = Math.floor(X * share);
  let [low, high]: [tf.Tensor, tf.Tensor] = [tf.zeros([B, 1]), tf.ones([B, 1])];
  for (let pass = 0; pass < 26; pass++) {
    const middle = tf.div(tf.add(low, high), 2);
    const count = tf.sum(tf.cast(tf.less(values_BX, middle), 'float32'), 1, true);
    const isLow = tf.lessEqual(count, below);
    [low, high] = [tf.where(isLow, middle, low), tf.where(isLow, high, middle)];
  }
  return tf.reshape(low, [B]);
}

/** @param discard share of an image's smallest weights that count as zero in every layer; 0.9 as released */
export function rollout(vit: Vit, { pixels_BCHW }: ExplainedBatch, discard: number): tf.Tensor2D {
  const { blocks } = openForward(vit, pixels_BCHW);
  const layers = blocks.map(({ weights_GTT }) => {
    const mean_BTT = meanOverHeads(weights_GTT, vit.config.heads);
    if (discard === 0) return mean_BTT;
    const flat_BX = tf.reshape<tf.Rank.R2>(mean_BTT, [mean_BTT.shape[0], -1]);
    return discardSmall(mean_BTT, quantile(flat_BX, discard));
  });
  return overLargest(fromPatches(rollOut(layers)));
}

/** R ← R + C R from R = I, with C the mean over heads of what attention and its gradient agree on. */
export function accumulate(layers: readonly tf.Tensor3D[]): tf.Tensor3D {
  const [B = 0, T = 0] = layers[0]?.shape ?? [];
  const identity = tf.tile(tf.expandDims<tf.Tensor3D>(tf.eye(T)), [B, 1, 1]);
  return layers.reduce((flow, layer) => tf.add(flow, tf.matMul(layer, flow)), identity);
}

export function gradientAttention(vit: Vit, batch: ExplainedBatch): tf.Tensor2D {
  const { blocks } = openForward(vit, batch.pixels_BCHW);
  const gradients = tappedGradients(vit, batch, 'weights');
  const layers = blocks.map(({ weights_GTT }, block) =>
    meanOverHeads(tf.relu(tf.mul(gradients[block] as tf.Tensor, weights_GTT)), vit.config.heads),
  );
  return fromPatches(accumulate(layers));
}

/**
 * Grad-CAM (Selvaraju et al., ICCV 2017) on the output of the LayerNorm before an MLP, class token dropped: channels weighted
 * by the mean of their gradient over patches. The second-last block, as released.
 *
 * Differs from the released figures: without smoothing by the first principal component and by augmented copies.
 */
export function gradCam(
  vit: Vit,
  batch: ExplainedBatch,
  block = Math.max(0, vit.config.depth - 2),
): tf.Tensor2D {
  const D = vit.config.width;
  const ofPatches = (x_MD: tf.Tensor): tf.Tensor3D => {
    const tokens_BTD = tf.reshape<tf.Rank.R3>(x_MD, [batch.pixels_BCHW.shape[0], -1, D]);
    const [B, T] = tokens_BTD.shape;
    return tf.slice(tokens_BTD, [0, 1, 0], [B, T - 1, D]);
  };
  const { blocks } = openForward(vit, batch.pixels_BCHW);
  const gradient = tappedGradients(vit, batch, 'norm2')[block] as tf.Tensor;
  const weight_B1D = tf.mean(ofPatches(gradient), 1, true);
  const weighted_BND = tf.mul(ofPatches(blocks[block]?.norm2_MD as tf.Tensor), weight_B1D);
  return tf.relu(tf.sum<tf.Tensor2D>(weighted_BND, 2));
}
