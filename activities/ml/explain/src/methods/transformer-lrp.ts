/**
 * Layer-wise relevance propagation through a ViT: Chefer, Gur & Wolf, "Transformer Interpretability Beyond Attention
 * Visualization", CVPR 2021, equations 3 to 14, with α = 1. Reference followed: hila-chefer/Transformer-Explainability,
 * `ViT_LRP.py` and `layers_ours.py`, method `transformer_attribution`, MIT licence.
 *
 * Differs from the reference: sums that it takes over a batch (it only ever sees one image) are taken per image; relevance of
 * the two uses of one activation is added as it is, where it divides by the activation and multiplies again.
 * Axes as in `open-block.ts`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { parameter, type OpenBlock, type Vit } from '@vitrine/ml-nn';
import { rearrange } from '@vitrine/ml-tensor';
import { accumulate, fromPatches, meanOverHeads } from './attention-maps.js';
import { oneHotTargets, openForward, tappedGradients, type ExplainedBatch } from './open-pass.js';

const TINY = 1e-9;

/** a / b, stabilised; 0 where b is 0. */
function divide<T extends tf.Tensor>(a: tf.Tensor, b: tf.Tensor): T {
  const shifted = tf.add(tf.maximum(b, TINY), tf.minimum(b, TINY));
  const isZero = tf.cast(tf.equal(shifted, 0), 'float32');
  return tf.mul(tf.div(a, tf.add(shifted, tf.mul(isZero, TINY))), tf.cast(tf.notEqual(b, 0), 'float32'));
}

/** The αβ-rule with α = 1: only products of like sign pass relevance on; biases take none. */
function throughLinear(
  vit: Vit,
  name: string,
  flow: { readonly x: tf.Tensor2D; readonly relevance: tf.Tensor2D },
): tf.Tensor2D {
  const weight_OI = parameter<tf.Rank.R2>(vit, `${name}.weight`);
  const [positive, negative] = [tf.relu(weight_OI), tf.minimum<tf.Tensor2D>(weight_OI, 0)];
  const [xPositive, xNegative] = [tf.relu(flow.x), tf.minimum<tf.Tensor2D>(flow.x, 0)];
  const z = tf.add(tf.matMul(xPositive, positive, false, true), tf.matMul(xNegative, negative, false, true));
  const share = divide<tf.Tensor2D>(flow.relevance, z);
  return tf.add(tf.mul(xPositive, tf.matMul(share, positive)), tf.mul(xNegative, tf.matMul(share, negative)));
}

/** Sums of all entries of each image, [B, 1, 1], and back to rows. */
const perImage = (x_MD: tf.Tensor2D, images: number): tf.Tensor3D =>
  tf.reshape(x_MD, [images, x_MD.shape[0] / images, x_MD.shape[1]]);
const sumOf = (x_BTD: tf.Tensor3D): tf.Tensor => tf.sum(x_BTD, [1, 2], true);

/** Relevance of a sum to its two parts, scaled so that their absolute sums share it and none is lost. */
function throughSum(
  parts: readonly [tf.Tensor2D, tf.Tensor2D],
  relevance_MD: tf.Tensor2D,
  images: number,
): [tf.Tensor2D, tf.Tensor2D] {
  const share = divide(relevance_MD, tf.add(parts[0], parts[1]));
  const raw = parts.map((part) => perImage(tf.mul(part, share), images)) as [tf.Tensor3D, tf.Tensor3D];
  const sizes = raw.map((part) => tf.abs(sumOf(part))) as [tf.Tensor, tf.Tensor];
  const total = sumOf(perImage(relevance_MD, images));
  const both = tf.add(sizes[0], sizes[1]);
  return raw.map((part, i) => {
    const due = tf.mul(divide(sizes[i] as tf.Tensor, both), total);
    return tf.reshape(tf.mul(part, divide(due, sumOf(part))), relevance_MD.shape);
  }) as [tf.Tensor2D, tf.Tensor2D];
}

/** Relevance behind attention's output to its input, and to the attention weights. */
function throughAttention(
  vit: Vit,
  { at, open }: { readonly at: string; readonly open: OpenBlock },
  relevance_MD: tf.Tensor2D,
): { readonly input_MD: tf.Tensor2D; readonly weights_GTT: tf.Tensor3D } {
  const { heads: h } = vit.config;
  const t = open.weights_GTT.shape[1];
  const context_MD = throughLinear(vit, `${at}.attn.proj`, { x: open.context_MD, relevance: relevance_MD });
  const context_GTd = rearrange<tf.Rank.R3>(context_MD, '(b t) (h d) -> (h b) t d', { h, t });
  const share_GTd = divide<tf.Tensor3D>(context_GTd, open.context_GTd);
  const half = (x: tf.Tensor): tf.Tensor3D => tf.div(x, 2);
  const weights_GTT = half(tf.mul(open.weights_GTT, tf.matMul(share_GTd, open.v_GTd, false, true)));
  const v_GTd = half(tf.mul(open.v_GTd, tf.matMul(open.weights_GTT, share_GTd, true, false)));
  const products_GTT = divide<tf.Tensor3D>(weights_GTT, open.products_GTT);
  const q_GTd = half(tf.mul(open.q_GTd, tf.matMul(products_GTT, open.k_GTd)));
  const k_GTd = half(tf.mul(open.k_GTd, tf.matMul(products_GTT, open.q_GTd, true, false)));
  const qkv_MO = rearrange<tf.Rank.R2>(tf.stack([q_GTd, k_GTd, v_GTd]), 'j (h b) t d -> (b t) (j h d)', {
    h,
  });
  return {
    input_MD: throughLinear(vit, `${at}.attn.qkv`, { x: open.norm1_MD, relevance: qkv_MO }),
    weights_GTT,
  };
}

/** Relevance of the attention weights of every block, [G, T, T] each. */
export function attentionRelevance(vit: Vit, batch: ExplainedBatch): tf.Tensor3D[] {
  const { blocks, features_BD } = openForward(vit, batch.pixels_BCHW);
  const B = features_BD.shape[0];
  const T = (blocks[0]?.input_MD.shape[0] ?? 0) / B;
  const top_BD = throughLinear(vit, 'head', {
    x: features_BD,
    relevance: oneHotTargets(vit, batch.targets_B),
  });
  const padded_BTD = tf.pad(tf.expandDims<tf.Tensor3D>(top_BD, 1), [
    [0, 0],
    [0, T - 1],
    [0, 0],
  ]);
  let relevance_MD = tf.reshape<tf.Rank.R2>(padded_BTD, [B * T, -1]);
  const found: tf.Tensor3D[] = [];
  for (let block = vit.config.depth - 1; block >= 0; block--) {
    const open = blocks[block] as OpenBlock;
    const at = `blocks.${block}`;
    const [kept_MD, mixed_MD] = throughSum([open.middle_MD, open.mixed_MD], relevance_MD, B);
    const hidden_MU = throughLinear(vit, `${at}.mlp.fc2`, { x: open.active_MU, relevance: mixed_MD });
    const throughMlp_MD = throughLinear(vit, `${at}.mlp.fc1`, { x: open.norm2_MD, relevance: hidden_MU });
    const middle_MD = tf.add<tf.Tensor2D>(kept_MD, throughMlp_MD);
    const [stayed_MD, attended_MD] = throughSum([open.input_MD, open.attended_MD], middle_MD, B);
    const { input_MD, weights_GTT } = throughAttention(vit, { at, open }, attended_MD);
    relevance_MD = tf.add(stayed_MD, input_MD);
    found[block] = weights_GTT;
  }
  return found;
}

/** Relevance times gradient, positive part, mean over heads, accumulated over blocks with the identity. */
export function transformerLrp(vit: Vit, batch: ExplainedBatch): tf.Tensor2D {
  const gradients = tappedGradients(vit, batch, 'weights');
  const layers = attentionRelevance(vit, batch).map((relevance_GTT, block) =>
    meanOverHeads(tf.relu(tf.mul(gradients[block] as tf.Tensor, relevance_GTT)), vit.config.heads),
  );
  return fromPatches(accumulate(layers));
}
