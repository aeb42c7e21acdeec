import * as tf from '@tensorflow/tfjs-core';
import { embedPatches, logits } from '@vitrine/ml-nn';
import { normal, ShapeError, toHost, type HostTensor } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { permuteNoise } from './noise-influence.js';
import {
  EmptyNullSpaceError,
  frobenius,
  patchEmbeddingNullSpace,
  relativeResidual,
  samplePixelNoise,
  toPixelUnits,
} from './patch-embedding-null-space.js';
import { largest, lengthOf, smallConfig, smallVit, someImages } from './testing/small-vit.js';

function gaussianWeight(shape: readonly [number, number, number, number]): HostTensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { dtype: 'float32', shape, data: normal({ seed: 21, purpose: 97 }, size) };
}

const weightOf = (vit: ReturnType<typeof smallVit>): HostTensor =>
  toHost(vit.params)['patch_embed.proj.weight'] as HostTensor;

describe('the null space of a patch embedding', () => {
  it.each([
    ['a toy, D 64 on 8 × 8 patches', [64, 3, 8, 8], 128],
    ['the quick pipeline, D 96 on 8 × 8 patches', [96, 3, 8, 8], 96],
    ['ViT-Ti/16, D 192 on 16 × 16 patches', [192, 3, 16, 16], 576],
    ['ViT-S/8, D 384 on 8 × 8 patches', [384, 3, 8, 8], 0],
    ['ViT-Ti/4 on CIFAR, D 192 on 4 × 4 patches', [192, 3, 4, 4], 0],
  ] as const)('has for %s the dimension that rank arithmetic says', (_name, shape, nullity) => {
    const space = patchEmbeddingNullSpace(gaussianWeight(shape));
    expect(space.nullity).toBe(nullity);
    expect(space.rank).toBe(shape[1] * shape[2] * shape[3] - nullity);
  });

  it('is for one pixel and one output the plane at right angles to the weights', () => {
    const weight: HostTensor = { dtype: 'float32', shape: [1, 3, 1, 1], data: new Float32Array([3, -2, 5]) };
    const { nullity, basis } = patchEmbeddingNullSpace(weight);
    expect(nullity).toBe(2);
    for (const k of [0, 1]) {
      const [r = 0, g = 0, b = 0] = [0, 1, 2].map((i) => basis[i * nullity + k]);
      expect(Math.abs(3 * r - 2 * g + 5 * b)).toBeLessThan(1e-12);
    }
    // (β₂, −β₁, 0) is in it: its projection on the basis is itself.
    const v = [-2, -3, 0];
    const inside = v.map((_, i) =>
      [0, 1].reduce((sum, k) => {
        const coefficient = v.reduce((dot, value, j) => dot + value * (basis[j * nullity + k] ?? 0), 0);
        return sum + coefficient * (basis[i * nullity + k] ?? 0);
      }, 0),
    );
    inside.forEach((value, i) => expect(value).toBeCloseTo(v[i] ?? NaN, 12));
  });

  it('has a projector that is idempotent, of trace nullity, and annihilated by the weights', () => {
    const { basis, nullity, weights } = patchEmbeddingNullSpace(gaussianWeight([10, 3, 4, 4]));
    const [B, W] = [
      tf.tensor2d(Float32Array.from(basis), [48, nullity]),
      tf.tensor2d(Float32Array.from(weights.data), [10, 48]),
    ];
    const P = tf.matMul(B, B, false, true);
    expect(largest(tf.sub(tf.matMul(P, P), P))).toBeLessThan(1e-6);
    expect(tf.sum(tf.mul(P, tf.eye(48))).dataSync()[0]).toBeCloseTo(nullity, 4);
    expect(largest(tf.matMul(W, P))).toBeLessThan(1e-5);
  });

  it('is refused for a weight that is no square patch embedding', () => {
    const bad = { dtype: 'float32', shape: [2, 3, 4, 5], data: new Float32Array(120) } as const;
    expect(() => patchEmbeddingNullSpace(bad)).toThrow(ShapeError);
    expect(() => patchEmbeddingNullSpace({ ...bad, shape: [24, 5] })).toThrow(
      'patch embedding weight: expected shape [D, C, r, r], got [24, 5]',
    );
  });
});

describe('pixel noise of the null space', () => {
  const vit = smallVit();
  const space = patchEmbeddingNullSpace(weightOf(vit));
  const imageSize = smallConfig.imageSize;
  const noiseOf = (norm: number, seed = 1) => samplePixelNoise(space, { imageSize, norm, seed });
  const onImages = (noise: Float32Array, scale = 1): tf.Tensor4D =>
    tf.mul(tf.tensor(toPixelUnits(noise, smallConfig.std), [1, 3, imageSize, imageSize]), scale);
  const images = someImages(16);

  it('has the wanted norm, differs by seed and between patches', () => {
    const noise = noiseOf(30);
    expect(frobenius(noise)).toBeCloseTo(30, 4);
    expect(noiseOf(30, 2)).not.toEqual(noise);
    expect([...noise.subarray(0, 8)]).not.toEqual([...noise.subarray(8, 16)]);
  });

  it('is not seen by the patch embedding: relative residual and change below 1e-5', () => {
    const noise = noiseOf(100);
    expect(relativeResidual(space, noise, imageSize)).toBeLessThan(1e-7);
    const clean = embedPatches(vit, images);
    const noisy = embedPatches(vit, tf.add(images, onImages(noise)));
    expect(lengthOf(tf.sub(noisy, clean)) / lengthOf(clean)).toBeLessThan(1e-5);
  });

  it.each([1, 10, 100])('leaves logits to rounding and every prediction, times %i', (scale) => {
    const clean = logits(vit, images);
    const noisy = logits(vit, tf.add(images, onImages(noiseOf(10), scale)));
    expect(largest(tf.sub(noisy, clean))).toBeLessThan(1e-3);
    expect([...tf.argMax(noisy, 1).dataSync()]).toEqual([...tf.argMax(clean, 1).dataSync()]);
  });

  it('is seen by it once its entries are permuted', () => {
    const permuted = permuteNoise(noiseOf(100), { seed: 1 });
    const { singularValues, weights } = space;
    // A random direction keeps the mean square of the singular values over all m directions.
    const meanSquare = singularValues.reduce((sum, s) => sum + s * s, 0) / weights.columns;
    const expected = Math.sqrt(meanSquare) / (singularValues[0] ?? NaN);
    const residual = relativeResidual(space, permuted, imageSize);
    expect(residual / expected).toBeGreaterThan(0.8);
    expect(residual / expected).toBeLessThan(1.25);
    const clean = embedPatches(vit, images);
    const noisy = embedPatches(vit, tf.add(images, onImages(permuted)));
    expect(lengthOf(tf.sub(noisy, clean)) / lengthOf(clean)).toBeGreaterThan(0.5);
  });

  it('is refused where there is none, or where patches do not tile the image', () => {
    const full = patchEmbeddingNullSpace(gaussianWeight([60, 3, 4, 4]));
    expect(() => samplePixelNoise(full, { imageSize: 16, norm: 1, seed: 0 })).toThrow(EmptyNullSpaceError);
    expect(() => samplePixelNoise(space, { imageSize: 20, norm: 1, seed: 0 })).toThrow(
      'pixel noise: expected an image size divisible by 8, got 20',
    );
  });
});
