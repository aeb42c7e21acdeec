/**
 * What noises on the patch embeddings do to the outputs. No ground truth enters.
 * Definitions as in the reference's validation (github.com/Liu-Hy/NS-ViT, commit e7a89f1), where `match` is called `eq`.
 * Axes: `M` noises, `B` batch, `N` patch tokens, `D` width, `K` classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { permutation, PURPOSE, type Parameters, type Program, type Specs } from '@vitrine/ml-tensor';
import { distancePerImage } from './distances.js';
import { cleanOutputs, noisyOutputs, type CleanOutputs, type SplitModel } from './split-model.js';

export const INFLUENCE_MEASURES = [
  'mseFeatures',
  'mseLogits',
  'mseProbs',
  'absConfidence',
  'mseConfidence',
  'match',
] as const;
export type InfluenceMeasure = (typeof INFLUENCE_MEASURES)[number];

/**
 * Means over images. p and p̃ are probabilities without and with noise, ŷ the prediction without.
 * mseFeatures Σ_j (h_j − h̃_j)² over the features that the head reads; mseLogits Σ_k (z_k − z̃_k)²; mseProbs
 * Σ_k (p_k − p̃_k)²; absConfidence |p_ŷ − p̃_ŷ|; mseConfidence (p_ŷ − p̃_ŷ)²; match the fraction whose prediction stays.
 */
export type NoiseInfluence = Readonly<Record<InfluenceMeasure, number>> & { readonly images: number };

/**
 * Each measure summed over the images of a batch, one number [M] of each noise.
 * @param of.weights_B 1 for an image that counts, 0 for one that fills the batch
 */
export function influenceSums(
  model: SplitModel,
  clean: CleanOutputs,
  of: { readonly noise_MND: tf.Tensor3D; readonly weights_B: tf.Tensor1D },
): Readonly<Record<InfluenceMeasure, tf.Tensor1D>> {
  return tf.tidy(() => {
    const { features_MBD, logits_MBK } = noisyOutputs(model, clean.patches_BND, of.noise_MND);
    const predicted_B = tf.argMax(clean.logits_BK, 1) as tf.Tensor1D;
    const chosen_BK = tf.oneHot(predicted_B, clean.logits_BK.shape[1], 1, 0, 'float32');
    const change_MBK = tf.sub(tf.softmax(clean.logits_BK), tf.softmax(logits_MBK));
    const change_MB = tf.sum(tf.mul(change_MBK, chosen_BK), -1);
    const sum = (each_MB: tf.Tensor): tf.Tensor1D => tf.sum<tf.Tensor1D>(tf.mul(each_MB, of.weights_B), 1);
    const sums: Record<InfluenceMeasure, tf.Tensor1D> = {
      mseFeatures: sum(distancePerImage('sq', clean.features_BD, features_MBD)),
      mseLogits: sum(distancePerImage('sq', clean.logits_BK, logits_MBK)),
      mseProbs: sum(distancePerImage('probs-sq', clean.logits_BK, logits_MBK)),
      absConfidence: sum(tf.abs(change_MB)),
      mseConfidence: sum(tf.square(change_MB)),
      match: sum(tf.cast(tf.equal(predicted_B, tf.argMax(logits_MBK, -1)), 'float32')),
    };
    return sums;
  });
}

export interface InfluenceProgramOptions {
  /** Specifications of the weights that `model` takes. */
  readonly weights: Specs;
  readonly model: (weights: Parameters) => SplitModel;
  /** [M, N, D]. */
  readonly noiseShape: readonly number[];
  /** [B, C, H, W]. */
  readonly pixelShape: readonly number[];
}

/** One function, `measure`: the sums of a batch, for `noises` judged together. */
export function influenceProgram(options: InfluenceProgramOptions): Program<'measure'> {
  const { weights, model, noiseShape, pixelShape } = options;
  const float = (shape: readonly number[]) => ({ dtype: 'float32', shape }) as const;
  return {
    name: 'noise influence',
    state: weights,
    functions: {
      measure: {
        inputs: {
          pixels: float(pixelShape),
          weights: float([pixelShape[0] ?? 1]),
          noises: float(noiseShape),
        },
        compute: ({ state, inputs }) => {
          const split = model(state);
          const clean = cleanOutputs(split, inputs['pixels'] as tf.Tensor4D);
          return {
            outputs: influenceSums(split, clean, {
              noise_MND: inputs['noises'] as tf.Tensor3D,
              weights_B: inputs['weights'] as tf.Tensor1D,
            }),
          };
        },
      },
    },
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

/**
 * A noise without what LayerNorm takes out of it: the mean of every token's entries. Models that read their stream through
 * LayerNorm alone do not see that part at all.
 */
export function withoutTokenMeans(noise: Float32Array, width: number): Float32Array {
  const rest = noise.slice();
  for (let first = 0; first < rest.length; first += width) {
    const token = rest.subarray(first, first + width);
    const mean = token.reduce((sum, value) => sum + value, 0) / width;
    token.forEach((value, i) => (token[i] = value - mean));
  }
  return rest;
}
