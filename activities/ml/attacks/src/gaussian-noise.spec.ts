import { describe, expect, it } from 'vitest';
import { gaussianNoise } from './gaussian-noise.js';

const images = 20;
const stride = 3 * 16 * 16;
const grey = new Float32Array(images * stride).fill(0.5);

describe('Gaussian noise', () => {
  it('has mean 0 and the wanted standard deviation', () => {
    const noise = gaussianNoise(grey, { images, sigma: 0.05, seed: 1, index: 0 }).map((value) => value - 0.5);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
    // 15,360 draws: the standard error of the mean is 0.0004, of the deviation 0.0003.
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(Math.abs(Math.sqrt(variance) - 0.05)).toBeLessThan(0.0015);
  });

  it('stays in [0, 1]', () => {
    const noisy = gaussianNoise(grey, { images, sigma: 1, seed: 1, index: 0 });
    expect(Math.min(...noisy)).toBe(0);
    expect(Math.max(...noisy)).toBe(1);
  });

  it('gives an image the same noise in any batch, and another one for another seed', () => {
    const whole = gaussianNoise(grey, { images, sigma: 0.1, seed: 1, index: 0 });
    const last = grey.subarray(15 * stride);
    const tail = gaussianNoise(last, { images: 5, sigma: 0.1, seed: 1, index: 15 });
    expect(whole.subarray(15 * stride)).toEqual(tail);
    expect(gaussianNoise(grey, { images, sigma: 0.1, seed: 2, index: 0 })).not.toEqual(whole);
  });
});
