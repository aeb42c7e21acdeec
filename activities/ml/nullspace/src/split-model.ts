/** Axes: `B` batch, `C` channels, `H` `W` pixels, `N` patch tokens, `D` width, `K` classes. */
import type * as tf from '@tensorflow/tfjs-core';
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
