import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { meanSquaredLogitDistance, meanSquaredProbabilityDistance } from './distances.js';
import {
  INFLUENCE_MEASURES,
  influenceSums,
  permuteNoise,
  withoutTokenMeans,
  type NoiseInfluence,
} from './noise-influence.js';
import { frobenius } from './patches.js';
import { cleanOutputs, splitVit, type CleanOutputs, type SplitModel } from './split-model.js';
import { gaussian, smallVit, someImages } from './testing/small-vit.js';

const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? NaN;

/** Means over the images of a batch, of one noise. */
function noiseInfluence(model: SplitModel, clean: CleanOutputs, noise_1ND: tf.Tensor3D): NoiseInfluence {
  const images = clean.logits_BK.shape[0];
  const sums = influenceSums(model, clean, { noise_MND: noise_1ND, weights_B: tf.ones([images]) });
  const means = INFLUENCE_MEASURES.map((measure) => [measure, value(sums[measure]) / images]);
  return { images, ...(Object.fromEntries(means) as Omit<NoiseInfluence, 'images'>) };
}

describe('the squared distance of probabilities', () => {
  const q = (a: number[], b: number[]): number =>
    value(meanSquaredProbabilityDistance(tf.tensor2d([a]), tf.tensor2d([b])));

  it('is 0 for equal outputs, 2 for opposite certainties, 1 − 1/K for certainty against ignorance', () => {
    expect(q([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(q([100, 0, 0], [0, 100, 0])).toBeCloseTo(2, 6);
    expect(q([100, 0, 0, 0], [5, 5, 5, 5])).toBeCloseTo(1 - 1 / 4, 6);
  });

  it('grows with the square of a small noise', () => {
    const model = splitVit(smallVit());
    const clean = cleanOutputs(model, someImages(8));
    const noise = tf.mul<tf.Tensor3D>(gaussian([1, 4, 32]), 0.01);
    const [once, twice] = [1, 2].map(
      (scale) => noiseInfluence(model, clean, tf.mul<tf.Tensor3D>(noise, scale)).mseProbs,
    );
    expect((twice ?? NaN) / (once ?? NaN)).toBeGreaterThan(3.8);
    expect((twice ?? NaN) / (once ?? NaN)).toBeLessThan(4.2);
  });
});

describe('the squared distance of logits', () => {
  it('is summed over classes and averaged over images', () => {
    const a = tf.tensor2d([
      [0, 0],
      [1, 1],
    ]);
    const b = tf.tensor2d([
      [3, 4],
      [1, 2],
    ]);
    expect(value(meanSquaredLogitDistance(a, b))).toBe((25 + 1) / 2);
  });
});

/** Three classes, features and logits equal to the one token. */
const identity: SplitModel = {
  embed: (pixels) => tf.reshape(pixels, [-1, 1, 3]),
  encode: (patches) => tf.reshape(patches, [-1, 3]),
  classify: (features) => features,
};

describe('the influence of a noise', () => {
  it('is for an identity model what the definitions say', () => {
    const logits = [
      [2, 0, 0],
      [0, 1, 0],
    ];
    const clean = cleanOutputs(identity, tf.tensor4d(logits.flat(), [2, 3, 1, 1]));
    const influence = noiseInfluence(identity, clean, tf.tensor3d([[[0, 0, 1.5]]]));
    const softmax = (z: number[]): number[] => {
      const total = z.reduce((sum, v) => sum + Math.exp(v), 0);
      return z.map((v) => Math.exp(v) / total);
    };
    const changes = logits.map((z) => {
      const [p, q] = [softmax(z), softmax([z[0] ?? 0, z[1] ?? 0, (z[2] ?? 0) + 1.5])];
      return p.map((v, k) => v - (q[k] ?? 0));
    });
    const chosen = [changes[0]?.[0] ?? NaN, changes[1]?.[1] ?? NaN];
    const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(influence.images).toBe(2);
    expect(influence.mseFeatures).toBeCloseTo(2.25, 6);
    expect(influence.mseLogits).toBeCloseTo(2.25, 6);
    expect(influence.mseProbs).toBeCloseTo(
      mean(changes.map((row) => row.reduce((sum, v) => sum + v * v, 0))),
      6,
    );
    expect(influence.absConfidence).toBeCloseTo(mean(chosen.map(Math.abs)), 6);
    expect(influence.mseConfidence).toBeCloseTo(mean(chosen.map((v) => v * v)), 6);
    // The first prediction stays (2 > 1.5), the second moves to the third class (1.5 > 1).
    expect(influence.match).toBe(0.5);
  });

  it('is nothing for no noise', () => {
    const model = splitVit(smallVit());
    const clean = cleanOutputs(model, someImages(5));
    expect(noiseInfluence(model, clean, tf.zeros([1, 4, 32]))).toEqual({
      images: 5,
      mseFeatures: 0,
      mseLogits: 0,
      mseProbs: 0,
      absConfidence: 0,
      mseConfidence: 0,
      match: 1,
    });
  });

  it('of several noises at once is that of each by itself, without the images that only fill the batch', () => {
    const model = splitVit(smallVit());
    const images = someImages(9);
    const clean = cleanOutputs(model, images);
    const noise_MND = gaussian<tf.Tensor3D>([3, 4, 32]);
    const weights_B = tf.tensor1d([1, 1, 1, 1, 1, 1, 0, 0, 0]);
    const sums = influenceSums(model, clean, { noise_MND, weights_B });
    const counted = cleanOutputs(model, tf.slice(images, [0, 0, 0, 0], [6, -1, -1, -1]));
    for (const m of [0, 1, 2]) {
      const alone = noiseInfluence(model, counted, tf.slice(noise_MND, [m, 0, 0], [1, -1, -1]));
      for (const measure of INFLUENCE_MEASURES)
        expect((sums[measure].dataSync()[m] ?? NaN) / 6 / alone[measure]).toBeCloseTo(1, 4);
    }
  });
});

describe('a noise without the means of its tokens', () => {
  it('is what LayerNorm lets through: about 1/√D of a random noise is gone, and nothing is left of equal entries', () => {
    expect(frobenius(withoutTokenMeans(new Float32Array(64).fill(7), 32))).toBe(0);
    const noise = gaussian<tf.Tensor3D>([1, 64, 32]).dataSync() as Float32Array;
    const rest = withoutTokenMeans(noise, 32);
    const gone = frobenius(noise.map((entry, i) => entry - (rest[i] ?? 0))) / frobenius(noise);
    expect(gone).toBeGreaterThan(0.7 / Math.sqrt(32));
    expect(gone).toBeLessThan(1.3 / Math.sqrt(32));
  });
});

describe('the permuted control', () => {
  it('holds the same entries in another order, one order per seed', () => {
    const noise = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i));
    const permuted = permuteNoise(noise, { seed: 3 });
    expect(permuted).not.toEqual(noise);
    expect([...permuted].sort()).toEqual([...noise].sort());
    expect(frobenius(permuted)).toBeCloseTo(frobenius(noise), 5);
    expect(permuteNoise(noise, { seed: 3 })).toEqual(permuted);
    expect(permuteNoise(noise, { seed: 4 })).not.toEqual(permuted);
  });
});
