/** Axes: `M` noises, `B` batch, `C` channels, `H` `W` pixels, `N` patch tokens, `D` width, `K` classes. */
import * as tf from '@tensorflow/tfjs-core';
import { classify, embedPatches, encode, type Vit } from '@vitrine/ml-nn';

/** A classifier cut where the noise enters: logits = classify(encode(embed(pixels) + noise)). */
export interface SplitModel {
  /** Patch embeddings before position and class token. */
  embed(pixels_BCHW: tf.Tensor4D): tf.Tensor3D;
  /** Features that the head reads. */
  encode(patches_BND: tf.Tensor3D): tf.Tensor2D;
  classify(features_BD: tf.Tensor2D): tf.Tensor2D;
}

/** A ViT so cut, its weights out of every gradient. */
export function splitVit(vit: Vit): SplitModel {
  const frozen = { ...vit, frozen: true };
  return {
    embed: (pixels_BCHW) => embedPatches(frozen, pixels_BCHW),
    encode: (patches_BND) => encode(frozen, patches_BND),
    classify: (features_BD) => classify(frozen, features_BD),
  };
}

/** What a model says of a batch without noise. */
export interface CleanOutputs {
  readonly patches_BND: tf.Tensor3D;
  readonly features_BD: tf.Tensor2D;
  readonly logits_BK: tf.Tensor2D;
}

/** The outputs on clean pixels; the caller disposes of them (or tidies). */
export function cleanOutputs(model: SplitModel, pixels_BCHW: tf.Tensor4D): CleanOutputs {
  const patches_BND = model.embed(pixels_BCHW);
  const features_BD = model.encode(patches_BND);
  return { patches_BND, features_BD, logits_BK: model.classify(features_BD) };
}

export interface NoisyOutputs {
  readonly features_MBD: tf.Tensor3D;
  readonly logits_MBK: tf.Tensor3D;
}

/** The outputs with each of several noises on the embeddings; the caller disposes of them (or tidies). */
export function noisyOutputs(
  model: SplitModel,
  patches_BND: tf.Tensor3D,
  noise_MND: tf.Tensor3D,
): NoisyOutputs {
  const [M] = noise_MND.shape;
  const [B, N, D] = patches_BND.shape;
  // One noise needs no axis of its own, and rank 3 is what reductions are fast at.
  const noisy =
    M === 1
      ? tf.add<tf.Tensor3D>(patches_BND, noise_MND)
      : tf.reshape<tf.Rank.R3>(
          tf.add(tf.reshape(patches_BND, [1, B, N, D]), tf.reshape(noise_MND, [M, 1, N, D])),
          [M * B, N, D],
        );
  const features = model.encode(noisy);
  const logits = model.classify(features);
  return {
    features_MBD: tf.reshape<tf.Rank.R3>(features, [M, B, -1]),
    logits_MBK: tf.reshape<tf.Rank.R3>(logits, [M, B, -1]),
  };
}
