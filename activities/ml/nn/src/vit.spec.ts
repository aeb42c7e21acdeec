import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, normal, PURPOSE, toTensors, uniform, type RandomKey } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initVit } from './init-vit.js';
import { classify, embedPatches, encode, logits } from './vit.js';
import { patchCount, type Vit, type VitConfig } from './vit-config.js';

const config: VitConfig = {
  imageSize: 16,
  patchSize: 4,
  channels: 3,
  width: 24,
  depth: 3,
  heads: 4,
  mlpRatio: 2,
  classes: 5,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.25, 0.3],
};
const N = patchCount(config);
const D = config.width;

const key = (index: number): RandomKey => ({ seed: 17, purpose: PURPOSE.gaussian, index });

const largestDifference = (a: tf.Tensor, b: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN);

describe('the ViT', () => {
  let vit: Vit;
  let pixels_BCHW: tf.Tensor4D;

  beforeAll(() => {
    // Ten times the initial scale: attention and GELU are then far from linear.
    const state = Object.entries(initVit(config, 17)).map(([name, tensor]) => [
      name,
      /norm/.test(name) ? tensor : { ...tensor, data: tensor.data.map((value) => value * 10) },
    ]);
    vit = { config, params: toTensors(Object.fromEntries(state)) };
    pixels_BCHW = tf.tensor4d(uniform(key(0), 2 * 3 * 16 * 16), [2, 3, 16, 16]);
  });

  afterAll(() => {
    disposeAll(vit.params);
    pixels_BCHW.dispose();
  });

  it('has the same logits when each token is shifted by a multiple of the ones vector', () => {
    // Everything reads the residual stream through LayerNorm, and LN(u + a·1) = LN(u).
    fc.assert(
      fc.property(fc.nat(1000), (index) => {
        tf.tidy(() => {
          const patches_BND = embedPatches(vit, pixels_BCHW);
          const noise = normal(key(index), 2 * N).map((z) => 10 * z);
          const shift_BN1 = tf.tensor3d(noise, [2, N, 1]);
          const random_BND = tf.tensor3d(normal(key(index), 2 * N * D), [2, N, D]);
          const plain_BK = classify(vit, encode(vit, patches_BND));
          const shifted_BK = classify(vit, encode(vit, tf.add(patches_BND, shift_BN1)));
          const scaled_BND = tf.mul<tf.Tensor3D>(random_BND, 10);
          const moved_BK = classify(vit, encode(vit, tf.add(patches_BND, scaled_BND)));
          expect(largestDifference(shifted_BK, plain_BK)).toBeLessThan(1e-4);
          expect(largestDifference(moved_BK, plain_BK)).toBeGreaterThan(0.1);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('has an embedding gradient without a component along the ones vector', () => {
    tf.tidy(() => {
      const patches_BND = embedPatches(vit, pixels_BCHW);
      const gradient_BND = tf.grad((patches) =>
        tf.sum(tf.square(classify(vit, encode(vit, patches as tf.Tensor3D)))),
      )(patches_BND);
      const along = tf.max(tf.abs(tf.sum(gradient_BND, 2))).dataSync()[0] ?? NaN;
      const size = tf.max(tf.abs(gradient_BND)).dataSync()[0] ?? NaN;
      expect(size).toBeGreaterThan(1e-2);
      expect(along / size).toBeLessThan(1e-5);
    });
  });

  it('flattens patches by channel, row, column and numbers them row by row', () => {
    tf.tidy(() => {
      // A kernel that copies one element of the flattened patch per output.
      const kernel = new Float32Array(D * 48);
      for (let d = 0; d < D; d++) kernel[d * 48 + d * 2] = 1;
      const params = {
        'patch_embed.proj.weight': tf.tensor4d(kernel, [D, 3, 4, 4]),
        'patch_embed.proj.bias': tf.zeros([D]),
      };
      const plain = { config: { ...config, mean: [0, 0, 0], std: [1, 1, 1] }, params };
      const embedded = embedPatches(plain, pixels_BCHW).arraySync();
      const pixels = pixels_BCHW.arraySync();
      for (const patch of [0, 1, 4, 15])
        for (let d = 0; d < D; d++) {
          const [channel, row, column] = [Math.floor(d / 8), Math.floor(((d * 2) % 16) / 4), (d * 2) % 4];
          const [y, x] = [Math.floor(patch / 4) * 4 + row, (patch % 4) * 4 + column];
          expect(embedded[1]?.[patch]?.[d]).toBe(pixels[1]?.[channel]?.[y]?.[x]);
        }
    });
  });

  it('normalises pixels by channel inside the model', () => {
    tf.tidy(() => {
      const plain = { ...vit, config: { ...config, mean: [0, 0, 0], std: [1, 1, 1] } };
      const mean = tf.tensor4d([...config.mean], [1, 3, 1, 1]);
      const std = tf.tensor4d([...config.std], [1, 3, 1, 1]);
      const normalised = tf.div<tf.Tensor4D>(tf.sub(pixels_BCHW, mean), std);
      expect(largestDifference(logits(plain, normalised), logits(vit, pixels_BCHW))).toBeLessThan(1e-5);
    });
  });

  it('adds noise to every image alike, where positions are added', () => {
    tf.tidy(() => {
      const noise_1ND = tf.tensor3d(normal(key(3), N * D), [1, N, D]);
      const position = vit.params['pos_embed'] as tf.Tensor3D;
      const shifted = tf.add(
        position,
        tf.pad(noise_1ND, [
          [0, 0],
          [1, 0],
          [0, 0],
        ]),
      );
      const moved = { config, params: { ...vit.params, pos_embed: shifted } };
      const expected = logits(moved, pixels_BCHW);
      expect(largestDifference(logits(vit, pixels_BCHW, noise_1ND), expected)).toBeLessThan(1e-4);
      expect(largestDifference(logits(vit, pixels_BCHW), expected)).toBeGreaterThan(0.1);
    });
  });

  it('treats each image by itself', () => {
    tf.tidy(() => {
      const second = tf.slice(pixels_BCHW, [1, 0, 0, 0], [1, 3, 16, 16]);
      const both = tf.slice(logits(vit, pixels_BCHW), [1, 0], [1, 5]);
      expect(largestDifference(logits(vit, second), both)).toBeLessThan(1e-5);
    });
  });

  it('leaves no tensor behind but its result, gradients included', () => {
    const before = tf.memory().numTensors;
    logits(vit, pixels_BCHW).dispose();
    tf.grad((pixels) => tf.sum(logits(vit, pixels as tf.Tensor4D)))(pixels_BCHW).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses pixels, embeddings, features and noise of another shape by name', () => {
    const zeros = tf.zeros<tf.Rank.R4>([2, 3, 16, 12]);
    expect(() => logits(vit, zeros)).toThrow(
      'pixels_BCHW: expected shape [?, 3, 16, 16], got shape [2, 3, 16, 12]',
    );
    const noise = tf.zeros<tf.Rank.R3>([2, N, D]);
    expect(() => logits(vit, pixels_BCHW, noise)).toThrow('noise_1ND: expected shape [1, 16, 24]');
    const patches = tf.zeros<tf.Rank.R3>([2, N + 1, D]);
    expect(() => encode(vit, patches)).toThrow('patches_BND: expected shape [?, 16, 24]');
    const features = tf.zeros<tf.Rank.R2>([2, D + 1]);
    expect(() => classify(vit, features)).toThrow('features_BD: expected shape [?, 24]');
    tf.dispose([zeros, noise, patches, features]);
  });

  it('names the parameter that its weights lack', () => {
    const { 'blocks.1.mlp.fc1.bias': _, ...params } = vit.params;
    expect(() => logits({ config, params }, pixels_BCHW)).toThrow('missing: blocks.1.mlp.fc1.bias');
  });
});
