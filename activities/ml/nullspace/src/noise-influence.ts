/**
 * What a noise on the patch embeddings does to the outputs. No ground truth enters.
 * Definitions as in the reference's validation (github.com/Liu-Hy/NS-ViT, commit e7a89f1), where `match` is called `eq`.
 * Axes: `B` batch, `N` patch tokens, `D` width, `K` classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { permutation, PURPOSE } from '@vitrine/ml-tensor';
import { meanSquaredLogitDistance, meanSquaredProbabilityDistance } from './distances.js';
import type { CleanOutputs, SplitModel } from './split-model.js';

/** Means over images. p and p̃ are probabilities without and with noise, ŷ the prediction without. */
export interface NoiseInfluence {
  readonly images: number;
  /** Σ_j (h_j − h̃_j)² over the features that the head reads. */
  readonly mseFeatures: number;
  /** Σ_k (z_k − z̃_k)². */
  readonly mseLogits: number;
  /** Σ_k (p_k − p̃_k)². */
  readonly mseProbs: number;
  /** |p_ŷ − p̃_ŷ|. */
  readonly absConfidence: number;
  /** (p_ŷ − p̃_ŷ)². */
  readonly mseConfidence: number;
  /** Fraction of images whose prediction stays. */
  readonly match: number;
}

/** The influence of a noise on one batch. */
export function noiseInfluence(
  model: SplitModel,
  clean: CleanOutputs,
  noise_1ND: tf.Tensor3D,
): NoiseInfluence {
  return tf.tidy(() => {
    const features_BD = model.encode(tf.add(clean.patches_BND, noise_1ND));
    const logits_BK = model.classify(features_BD);
    const predicted_B = tf.argMax(clean.logits_BK, 1);
    const chosen_BK = tf.oneHot(predicted_B as tf.Tensor1D, logits_BK.shape[1], 1, 0, 'float32');
    const change_BK = tf.sub(tf.softmax(clean.logits_BK), tf.softmax(logits_BK));
    const change_B = tf.sum(tf.mul(change_BK, chosen_BK), 1);
    const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? 0;
    return {
      images: logits_BK.shape[0],
      mseFeatures: value(meanSquaredLogitDistance(clean.features_BD, features_BD)),
      mseLogits: value(meanSquaredLogitDistance(clean.logits_BK, logits_BK)),
      mseProbs: value(meanSquaredProbabilityDistance(clean.logits_BK, logits_BK)),
      absConfidence: value(tf.mean(tf.abs(change_B))),
      mseConfidence: value(tf.mean(tf.square(change_B))),
      match: value(tf.mean(tf.cast(tf.equal(predicted_B, tf.argMax(logits_BK, 1)), 'float32'))),
    };
  });
}

/** The influence over all batches: means weighted by images. */
export function averageInfluence(parts: readonly NoiseInfluence[]): NoiseInfluence {
  const images = parts.reduce((sum, part) => sum + part.images, 0);
  const mean = (key: keyof NoiseInfluence): number =>
    parts.reduce((sum, part) => sum + part[key] * part.images, 0) / images;
  return {
    images,
    mseFeatures: mean('mseFeatures'),
    mseLogits: mean('mseLogits'),
    mseProbs: mean('mseProbs'),
    absConfidence: mean('absConfidence'),
    mseConfidence: mean('mseConfidence'),
    match: mean('match'),
  };
}

/** The control: the same entries in another order, so norm and histogram stay and the direction goes. */
export function permuteNoise(
  noise: Float32Array,
  key: { readonly seed: number; readonly index?: number },
): Float32Array {
  const order = permutation({ ...key, purpose: PURPOSE.permutation }, noise.length);
  return Float32Array.from(order, (from) => noise[from] ?? 0);
}
