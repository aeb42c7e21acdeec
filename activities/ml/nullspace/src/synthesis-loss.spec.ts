import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { cleanOutputs, splitVit } from './split-model.js';
import { synthesisLoss } from './synthesis-loss.js';
import { SYNTHESIS_DEFAULTS, type SynthesisLoss } from './synthesis-settings.js';
import { gaussian, lengthOf, smallVit, someImages } from './testing/small-vit.js';

const model = splitVit(smallVit());
const clean = cleanOutputs(model, someImages(6));
const noise = gaussian<tf.Tensor3D>([2, 4, 32], 2);
const direction = gaussian<tf.Tensor3D>([2, 4, 32], 3);

describe('the gradient of every loss by the noise', () => {
  it.each<[SynthesisLoss, number]>([
    ['logits-sq', 0],
    ['logits-l2', 0],
    ['features-sq', 0],
    ['features-l2', 0],
    ['logits-sq', 0.7],
    ['logits-l2', 0.7],
  ])('is for %s and λ %d the slope of finite differences', (loss, logBarrier) => {
    const settings = { ...SYNTHESIS_DEFAULTS, loss, logBarrier };
    const total = (noise_MND: tf.Tensor): tf.Scalar =>
      tf.sum(synthesisLoss(model, clean, { noise_MND: noise_MND as tf.Tensor3D, settings }).loss_M);
    const gradient = tf.grad(total)(noise);
    const slope = tf.sum(tf.mul(gradient, direction)).dataSync()[0] ?? NaN;
    const at = (h: number): number => total(tf.add(noise, tf.mul(direction, h))).dataSync()[0] ?? NaN;
    const step = 2e-3;
    // Fourth order, so that the step may be large beside the rounding of float32.
    const difference = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
    expect(Math.abs(difference - slope)).toBeLessThan(1e-3 * lengthOf(gradient) * lengthOf(direction) + 1e-3);
    expect(lengthOf(gradient)).toBeGreaterThan(1e-3);
  });

  it('of a root is finite where two outputs are equal', () => {
    const settings = { ...SYNTHESIS_DEFAULTS, loss: 'logits-l2' } as const;
    const gradient = tf.grad((n: tf.Tensor) =>
      tf.sum(synthesisLoss(model, clean, { noise_MND: n as tf.Tensor3D, settings }).loss_M),
    )(tf.zeros([1, 4, 32]));
    expect(Number.isFinite(lengthOf(gradient))).toBe(true);
  });
});
