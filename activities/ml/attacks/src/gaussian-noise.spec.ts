import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from './gaussian-noise.js';

const grey = tf.fill([20, 3, 16, 16], 0.5) as tf.Tensor4D;

describe('Gaussian noise', () => {
  it('has mean 0 and the wanted standard deviation', () => {
    const noise = tf.sub(gaussianNoise(grey, { sigma: 0.05, seed: 1, index: 0 }), grey);
    const { mean, variance } = tf.moments(noise);
    // 15,360 draws: the standard error of the mean is 0.0004, of the deviation 0.0003.
    expect(Math.abs(mean.dataSync()[0] ?? NaN)).toBeLessThan(0.002);
    expect(Math.abs(Math.sqrt(variance.dataSync()[0] ?? NaN) - 0.05)).toBeLessThan(0.0015);
  });

  it('stays in [0, 1]', () => {
    const noisy = gaussianNoise(grey, { sigma: 1, seed: 1, index: 0 });
    expect(tf.min(noisy).dataSync()[0]).toBe(0);
    expect(tf.max(noisy).dataSync()[0]).toBe(1);
  });

  it('gives an image the same noise in any batch, and another one for another seed', () => {
    const whole = gaussianNoise(grey, { sigma: 0.1, seed: 1, index: 0 });
    const tail = gaussianNoise(tf.slice(grey, [15, 0, 0, 0], [5, -1, -1, -1]), {
      sigma: 0.1,
      seed: 1,
      index: 15,
    });
    expect([...tf.slice(whole, [15, 0, 0, 0]).dataSync()]).toEqual([...tail.dataSync()]);
    const other = gaussianNoise(grey, { sigma: 0.1, seed: 2, index: 0 });
    expect([...other.dataSync()]).not.toEqual([...whole.dataSync()]);
  });
});
