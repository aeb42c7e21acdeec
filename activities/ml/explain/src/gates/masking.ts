/**
 * What a mask does to a model: masked patches become the placeholder before positions are added, and the divergence of the
 * answers is KL(original ‖ masked), in nats. Paper and reference as in `gate-network.ts`; there 1.6 and the loss.
 * Axes: B images, N patches, T = N + 1 tokens, M = B·T, D width, K classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { classify, embedPatches, encode, hiddenStates, parameter, readClass, type Vit } from '@vitrine/ml-nn';

/** Σ p (log p − log q) per image, [B]. */
export function divergence(original_BK: tf.Tensor2D, masked_BK: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const logP_BK = tf.logSoftmax(original_BK);
    const logQ_BK = tf.logSoftmax(masked_BK);
    return tf.sum<tf.Tensor1D>(tf.mul(tf.exp(logP_BK), tf.sub(logP_BK, logQ_BK)), 1);
  });
}

/** What gates read of the pass on the whole image, and what it answers. No gradient flows into any of it. */
export interface CleanPass {
  readonly patches_BND: tf.Tensor3D;
  /** h̄₀ and the stream before each block and behind the last, [M, D] each. */
  readonly states: readonly tf.Tensor2D[];
  readonly logits_BK: tf.Tensor2D;
}

export function cleanPass(vit: Vit, pixels_BCHW: tf.Tensor4D): CleanPass {
  const D = vit.config.width;
  const patches_BND = embedPatches(vit, pixels_BCHW);
  const stream = hiddenStates(vit, patches_BND);
  const B = patches_BND.shape[0];
  const class_B1D = tf.tile(parameter<tf.Rank.R3>(vit, 'cls_token'), [B, 1, 1]);
  const embedding_MD = tf.reshape<tf.Rank.R2>(tf.concat([class_B1D, patches_BND], 1), [-1, D]);
  const logits_BK = classify(vit, readClass(vit, stream.at(-1) as tf.Tensor2D));
  return { patches_BND, states: [embedding_MD, ...stream], logits_BK };
}

/**
 * x̂ = z h̄₀ + (1 − z) b, [B, N, D].
 * @param mask_BN z of the patches
 * @param placeholder_1D b
 */
export function maskPatches(
  patches_BND: tf.Tensor3D,
  mask_BN: tf.Tensor2D,
  placeholder_1D: tf.Tensor2D,
): tf.Tensor3D {
  return tf.tidy(() => {
    const mask_BN1 = tf.expandDims<tf.Tensor3D>(mask_BN, 2);
    const placeholder_11D = tf.expandDims(placeholder_1D);
    return tf.add(tf.mul(mask_BN1, patches_BND), tf.mul(tf.sub(1, mask_BN1), placeholder_11D));
  });
}

/** Logits [B, K] of the masked image. */
export const maskedLogits = (
  vit: Vit,
  { patches_BND }: Pick<CleanPass, 'patches_BND'>,
  { mask_BN, placeholder_1D }: { readonly mask_BN: tf.Tensor2D; readonly placeholder_1D: tf.Tensor2D },
): tf.Tensor2D => classify(vit, encode(vit, maskPatches(patches_BND, mask_BN, placeholder_1D)));

/** Share of images whose most likely class is the same. */
export function agreement(a_BK: tf.Tensor2D, b_BK: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() =>
    tf.mean<tf.Scalar>(tf.cast(tf.equal(tf.argMax(a_BK, 1), tf.argMax(b_BK, 1)), 'float32')),
  );
}
