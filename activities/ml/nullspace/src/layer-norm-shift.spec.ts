import * as tf from '@tensorflow/tfjs-core';
import { logits } from '@vitrine/ml-nn';
import { describe, expect, it } from 'vitest';
import { meanSquaredLogitDistance } from './distances.js';
import { cleanOutputs, splitVit } from './split-model.js';
import { noisyLogits } from './testing/noisy-logits.js';
import { gaussian, largest, lengthOf, smallVit, someImages } from './testing/small-vit.js';

const vit = smallVit();
const model = splitVit(vit);
const images = someImages(8);
const clean = cleanOutputs(model, images);
const ones_11D = tf.ones([1, 1, 32]);

describe('a multiple of the ones vector on every patch embedding', () => {
  it('leaves the logits of a pre-norm ViT unchanged, unlike noise of the same norm', () => {
    const shift = tf.mul<tf.Tensor3D>(tf.tensor3d([12, -25, 7, 40], [1, 4, 1]), ones_11D);
    expect(lengthOf(shift)).toBeGreaterThan(250);
    const moved = noisyLogits(model, clean.patches_BND, shift);
    expect(largest(tf.sub(moved, clean.logits_BK))).toBeLessThan(1e-4);
    const other = gaussian<tf.Tensor3D>([1, 4, 32], 1);
    const random = tf.mul<tf.Tensor3D>(other, lengthOf(shift) / lengthOf(other));
    expect(largest(tf.sub(noisyLogits(model, clean.patches_BND, random), clean.logits_BK))).toBeGreaterThan(
      0.1,
    );
  });

  it('is at right angles to the gradient of the loss by the noise', () => {
    const noise = gaussian<tf.Tensor3D>([1, 4, 32], 2);
    const gradient = tf.grad((n: tf.Tensor) =>
      meanSquaredLogitDistance(clean.logits_BK, noisyLogits(model, clean.patches_BND, n as tf.Tensor3D)),
    )(noise);
    const along = tf.sum(tf.mul(gradient, ones_11D), 2);
    expect(lengthOf(gradient)).toBeGreaterThan(1e-3);
    expect(largest(along) / lengthOf(gradient)).toBeLessThan(1e-5);
  });
});

describe('noise on the patch embeddings', () => {
  it('equals the same noise on the positions of the patches', () => {
    const noise = gaussian<tf.Tensor3D>([1, 4, 32], 3);
    const position = vit.params['pos_embed'] as tf.Tensor3D;
    const shifted = tf.add(position, tf.concat([tf.zeros<tf.Rank.R3>([1, 1, 32]), noise], 1));
    const byPosition = logits({ ...vit, params: { ...vit.params, pos_embed: shifted } }, images);
    const byNoise = noisyLogits(model, clean.patches_BND, noise);
    expect(largest(tf.sub(byPosition, byNoise))).toBeLessThan(1e-4);
    expect(largest(tf.sub(byNoise, logits(vit, images, noise)))).toBe(0);
    expect(largest(tf.sub(byNoise, clean.logits_BK))).toBeGreaterThan(0.1);
  });
});
