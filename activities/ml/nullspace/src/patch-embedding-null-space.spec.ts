import * as tf from '@tensorflow/tfjs-core';
import { embedPatches, logits } from '@vitrine/ml-nn';
import { normal, ShapeError, toHost, type HostTensor } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permuteNoise } from './noise-influence.js';
import {
  EmptyNullSpaceError,
  patchBasis,
  patchEmbeddingNullSpace,
  relativeResidual,
  samplePixelNoise,
} from './patch-embedding-null-space.js';
import { frobenius, toNormalisedUnits, toPixelUnits, withinLimit } from './patches.js';
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
    const space = patchEmbeddingNullSpace(weight);
    expect(space.nullity).toBe(2);
    const basis = patchBasis(space);
    for (const [r = 0, g = 0, b = 0] of basis) {
      expect(Math.abs(3 * r - 2 * g + 5 * b)).toBeLessThan(1e-12);
    }
    // (β₂, −β₁, 0) is in it: its projection on the basis is itself.
    const v = [-2, -3, 0];
    const inside = v.map((_, i) =>
      basis.reduce((sum, vector) => {
        const coefficient = v.reduce((dot, value, j) => dot + value * (vector[j] ?? 0), 0);
        return sum + coefficient * (vector[i] ?? 0);
      }, 0),
    );
    inside.forEach((value, i) => expect(value).toBeCloseTo(v[i] ?? NaN, 12));
  });

  it('has a projector that is idempotent, of trace nullity, and annihilated by the weights', () => {
    const space = patchEmbeddingNullSpace(gaussianWeight([10, 3, 4, 4]));
    const { nullity, weights } = space;
    const rows = patchBasis(space).flatMap((vector) => [...vector]);
    const [B, W] = [
      tf.transpose(tf.tensor2d(rows, [nullity, 48])),
      tf.tensor2d(Float32Array.from(weights.data), [10, 48]),
    ];
    const P = tf.matMul(B, B, false, true);
    expect(largest(tf.sub(tf.matMul(P, P), P))).toBeLessThan(1e-6);
    expect(tf.sum(tf.mul(P, tf.eye(48))).dataSync()[0]).toBeCloseTo(nullity, 4);
    expect(largest(tf.matMul(W, P))).toBeLessThan(1e-5);
  });

  it('per channel is a part of the joint one, and is empty where a channel has fewer numbers than outputs', () => {
    const wide = patchEmbeddingNullSpace(gaussianWeight([10, 3, 4, 4]), { basis: 'per-channel' });
    expect([wide.nullity, wide.rank]).toEqual([3 * 6, 30]);
    const joint = patchEmbeddingNullSpace(gaussianWeight([10, 3, 4, 4]));
    const noise = samplePixelNoise(wide, { imageSize: 8, norm: 3, seed: 2 });
    expect(relativeResidual(joint, noise, 8)).toBeLessThan(1e-7);
    // Channel by channel: what is left of the noise in one channel alone is not seen either.
    expect(
      relativeResidual(
        joint,
        noise.map((value, i) => (i < 64 ? value : 0)),
        8,
      ),
    ).toBeLessThan(1e-7);
    const none = patchEmbeddingNullSpace(gaussianWeight([20, 3, 4, 4]), { basis: 'per-channel' });
    expect([none.nullity, patchEmbeddingNullSpace(gaussianWeight([20, 3, 4, 4])).nullity]).toEqual([0, 28]);
  });

  it('of a square embedding with one small singular value depends on the rule, which both ranks say', () => {
    // A multiple of the identity of 588 = 3 · 14² with one entry of 5e-5: SciPy's tolerance is 7e-5 there.
    const data = Float32Array.from({ length: 12 * 588 }, (_, i) => (i % 589 === 0 ? 1 : 0));
    data[11 * 589] = 5e-5;
    const weight: HostTensor = { dtype: 'float32', shape: [12, 3, 14, 14], data };
    const [scipy, strict] = [
      patchEmbeddingNullSpace(weight),
      patchEmbeddingNullSpace(weight, { rule: 'strict' }),
    ];
    expect(scipy.ranks).toEqual({ scipy: 11, strict: 12 });
    expect(strict.ranks).toEqual(scipy.ranks);
    const residual = (space: typeof scipy) =>
      relativeResidual(space, samplePixelNoise(space, { imageSize: 14, norm: 1, seed: 1 }), 14);
    expect(residual(strict)).toBeLessThan(1e-6);
    expect(residual(scipy)).toBeGreaterThan(1e-7);
    expect(residual(scipy)).toBeLessThan(7e-5);
  });

  it('of any geometry holds noise of any norm, its multiples, its sums and its patches in any order', () => {
    const geometry = fc.record({
      width: fc.integer({ min: 1, max: 12 }),
      channels: fc.integer({ min: 1, max: 3 }),
      patchSize: fc.integer({ min: 1, max: 4 }),
      side: fc.integer({ min: 1, max: 3 }),
      norm: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      scale: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      seed: fc.nat(1e6),
    });
    fc.assert(
      fc.property(geometry, ({ width, channels, patchSize, side, norm, scale, seed }) => {
        const space = patchEmbeddingNullSpace(gaussianWeight([width, channels, patchSize, patchSize]));
        const numbers = channels * patchSize ** 2;
        expect(space.nullity).toBe(numbers - Math.min(width, numbers));
        if (space.nullity === 0) return;
        const imageSize = side * patchSize;
        const [a, b] = [seed, seed + 1].map((of) => samplePixelNoise(space, { imageSize, norm, seed: of }));
        expect(frobenius(a as Float32Array) / norm).toBeCloseTo(1, 5);
        const sum = (a as Float32Array).map((value, i) => scale * value + (b?.[i] ?? 0));
        // The rows of patches turned upside down.
        const turned = sum.map((_, i) => {
          const [plane, y, x] = [
            Math.floor(i / imageSize ** 2),
            Math.floor(i / imageSize) % imageSize,
            i % imageSize,
          ];
          const row = (side - 1 - Math.floor(y / patchSize)) * patchSize + (y % patchSize);
          return sum[plane * imageSize ** 2 + row * imageSize + x] ?? NaN;
        });
        const size = (Math.abs(scale) + 1) * norm;
        for (const noise of [a, b, sum, turned] as Float32Array[])
          expect(relativeResidual(space, noise, imageSize) * frobenius(noise)).toBeLessThan(1e-5 * size);
      }),
      { numRuns: 100 },
    );
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

  it('fills a subset of the patches and leaves a margin of others as it is', () => {
    const noise = samplePixelNoise(space, { imageSize: 32, norm: 5, seed: 1, margin: 1 });
    expect(frobenius(noise)).toBeCloseTo(5, 4);
    const shown = noise.map((value, i) => {
      const [y, x] = [Math.floor(i / 32) % 32, i % 32];
      return Math.min(y, x) >= 8 && Math.max(y, x) < 24 ? 0 : value;
    });
    expect(frobenius(shown)).toBe(0);
    expect(() => samplePixelNoise(space, { imageSize, norm: 5, seed: 1, margin: 1 })).toThrow(
      'pixel noise: expected a margin below 1 patches, got 1',
    );
  });

  it('clipped to what a picture can hold leaves the null space, by an amount that is told', () => {
    const noise = toPixelUnits(noiseOf(30), smallConfig.std);
    const image = someImages(1).dataSync() as Float32Array;
    const left = (limit: 'unbounded' | 'clipped' | '8-bit') => {
      const sum = withinLimit(limit, image, noise);
      const change = toNormalisedUnits(
        sum.map((value, i) => value - (image[i] ?? 0)),
        smallConfig.std,
      );
      return { sum, residual: relativeResidual(space, change, imageSize) };
    };
    expect(left('unbounded').residual).toBeLessThan(1e-6);
    expect(left('clipped').residual).toBeGreaterThan(1e-2);
    for (const value of left('clipped').sum) expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(0.5);
    for (const value of left('8-bit').sum)
      expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-4);
  });

  it('misses its patches when it is moved by one pixel', () => {
    const noise = noiseOf(10);
    const moved = noise.map((_, i) => (i % imageSize === 0 ? 0 : (noise[i - 1] ?? 0)));
    expect(relativeResidual(space, moved, imageSize)).toBeGreaterThan(0.05);
  });

  it('is refused where there is none, or where patches do not tile the image', () => {
    const full = patchEmbeddingNullSpace(gaussianWeight([60, 3, 4, 4]));
    expect(() => samplePixelNoise(full, { imageSize: 16, norm: 1, seed: 0 })).toThrow(EmptyNullSpaceError);
    expect(() => samplePixelNoise(space, { imageSize: 20, norm: 1, seed: 0 })).toThrow(
      'pixel noise: expected an image size divisible by 8, got 20',
    );
  });
});
