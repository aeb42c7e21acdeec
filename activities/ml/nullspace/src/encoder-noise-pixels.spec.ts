import * as tf from '@tensorflow/tfjs-core';
import { normal, type HostTensor } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { boundedPixels, noiseLeftOver, shortestPixels } from './encoder-noise-pixels.js';
import { patchEmbeddingNullSpace, type PatchEmbeddingNullSpace } from './patch-embedding-null-space.js';
import { frobenius } from './patches.js';

/** An embedding of patches of 3 · 2² numbers. */
function embedding(width: number): PatchEmbeddingNullSpace {
  const data = normal({ seed: 31, purpose: 97 }, width * 12);
  return patchEmbeddingNullSpace({ dtype: 'float32', shape: [width, 3, 2, 2], data } satisfies HostTensor);
}
const noiseOf = (width: number): Float32Array => normal({ seed: 32, purpose: 97 }, 4 * width);
const bounded = (space: PatchEmbeddingNullSpace, noise: Float32Array, most: number) => {
  const width = space.weights.rows;
  const pixels = boundedPixels(space, {
    noise_PD: tf.tensor2d(noise, [4, width]),
    low_PM: tf.fill([4, 12], -most),
    high_PM: tf.fill([4, 12], most),
  });
  return pixels.dataSync() as Float32Array;
};

describe('noise of the patch embeddings as pixels', () => {
  it('is exact without bounds where the embedding reaches every noise, and at right angles to its null space', () => {
    const space = embedding(5);
    const pixels = shortestPixels(space, noiseOf(5));
    expect(noiseLeftOver(space, pixels, noiseOf(5))).toBeLessThan(1e-10);
    // The shortest: nothing of it lies in the null space.
    const [part] = space.parts;
    for (let token = 0; token < 4; token++) {
      const own = pixels.subarray(12 * token, 12 * (token + 1));
      const along = (part?.rowSpace ?? []).map((v) =>
        v.reduce((sum, value, i) => sum + value * (own[i] ?? 0), 0),
      );
      expect(Math.hypot(...along) / frobenius(own)).toBeCloseTo(1, 10);
    }
  });

  it('leaves over what no pixels give where the embedding is wider than its patches', () => {
    const space = embedding(20);
    const left = noiseLeftOver(space, shortestPixels(space, noiseOf(20)), noiseOf(20));
    // Of 20 random directions 8 are out of reach.
    expect(left).toBeGreaterThan(0.3);
    expect(left).toBeLessThan(1);
    expect(noiseLeftOver(space, bounded(space, noiseOf(20), 100), noiseOf(20))).toBeCloseTo(left, 3);
  });

  it('stays within its bounds, and leaves the more over the narrower they are, down to everything', () => {
    const space = embedding(5);
    const noise = noiseOf(5);
    const left = [10, 0.2, 0.05, 0].map((most) => {
      const pixels = bounded(space, noise, most);
      for (const value of pixels) expect(Math.abs(value)).toBeLessThanOrEqual(most + 1e-6);
      return noiseLeftOver(space, pixels, noise);
    });
    expect(left[0]).toBeLessThan(1e-3);
    expect(left[1]).toBeGreaterThan(left[0] ?? NaN);
    expect(left[2]).toBeGreaterThan(left[1] ?? NaN);
    expect(left[3]).toBe(1);
  });

  it('leaves no tensor behind but its result', () => {
    const before = tf.memory().numTensors;
    bounded(embedding(5), noiseOf(5), 1);
    // Three given, one returned.
    expect(tf.memory().numTensors - before).toBe(4);
  });
});
