/** T18 and T19 of the method's tests: denoisers whose answer is known. */
import * as tf from '@tensorflow/tfjs-core';
import { normal } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { coefficientRows, columnsOf, exactRow, type Coefficients } from './coefficients.js';
import {
  ancestralStep,
  cleanImage,
  denoiseOnce,
  implicitStep,
  noised,
  type NoisePredictor,
} from './denoise.js';
import { denoiserLoss } from './denoiser-loss.js';
import { noiseSchedule, stepForSigma } from './noise-schedule.js';

const schedule = noiseSchedule({ schedule: 'linear', steps: 1000, rescaleTime: false });
const SIZE = 6;
const draw = (index: number, count = SIZE): tf.Tensor4D =>
  tf.tensor4d(normal({ seed: 2, purpose: 93, index }, count), [1, 1, 1, count]);
const at = (t: number, to?: number): Coefficients =>
  columnsOf(tf.tensor2d(coefficientRows(schedule, [{ t, ...(to !== undefined && { to }) }]), [1, 8]));
const distance = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN;

describe('a denoiser that knows the noise', () => {
  it.each([0, 1, 145, 500, 800])('gives back the image from step %i', (t) => {
    tf.tidy(() => {
      const clean = tf.clipByValue(draw(0), -1, 1) as tf.Tensor4D;
      const noise = draw(1);
      const noisy = noised(clean, noise, at(t));
      expect(distance(cleanImage(noisy, noise, at(t)), clean)).toBeLessThan(1e-4);
      // Straight back by the deterministic sampler: to any earlier step of the same noise.
      const earlier = implicitStep(() => noise, noisy, { at: at(t), before: at(0) });
      expect(distance(earlier, noised(clean, noise, at(0)))).toBeLessThan(1e-4);
      // By the last ancestral step, whose noise does not count.
      const last = ancestralStep(() => noise, { noisy_BCHW: noisy, draw_BCHW: draw(2) }, at(t, -1));
      expect(distance(last, clean)).toBeLessThan(1e-4);
    });
  });

  it('has no loss, and one that says zero has the noise itself', () => {
    tf.tidy(() => {
      const [clean_BCHW, noise_BCHW] = [tf.clipByValue(draw(0), -1, 1) as tf.Tensor4D, draw(1)];
      const batch = { clean_BCHW, noise_BCHW, coefficients: at(300) };
      expect(denoiserLoss(() => noise_BCHW, batch, 1000).dataSync()[0]).toBe(0);
      const silent = denoiserLoss((x) => tf.zerosLike(x), batch, 1000).dataSync()[0] ?? NaN;
      expect(silent).toBeCloseTo(tf.mean(tf.square(noise_BCHW)).dataSync()[0] ?? NaN, 6);
    });
  });
});

describe('Gaussian data', () => {
  // N(0.5, 0.25): the best guess is linear in what is seen.
  const [mean, variance] = [0.5, 0.25];
  const best: NoisePredictor = (noisy) => {
    const kept = 0.8;
    const gain = (Math.sqrt(kept) * variance) / (kept * variance + 1 - kept);
    const clean = tf.add(tf.mul(tf.sub(noisy, Math.sqrt(kept) * mean), gain), mean);
    return tf.div(tf.sub(noisy, tf.mul(clean, Math.sqrt(kept))), Math.sqrt(1 - kept));
  };

  it('is denoised to its conditional mean', () => {
    tf.tidy(() => {
      const coefficients = columnsOf(tf.tensor2d(exactRow(schedule, { t: 145, sigma: 0.25 }), [1, 8]));
      expect(coefficients.signal.dataSync()[0]).toBeCloseTo(Math.sqrt(0.8), 7);
      const seen = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
      expect(best(seen, tf.zeros([1])).dataSync()[0]).toBeCloseTo(0.6180339888, 6);
      expect(denoiseOnce(best, seen, coefficients).dataSync()[0]).toBeCloseTo(0.8090169944, 6);
    });
  });

  it('leaves the loss that no denoiser goes below', () => {
    tf.tidy(() => {
      const count = 100_000;
      const clean_BCHW = tf.add(tf.mul(draw(7, count), Math.sqrt(variance)), mean) as tf.Tensor4D;
      const coefficients = columnsOf(tf.tensor2d(exactRow(schedule, { t: 145, sigma: 0.25 }), [1, 8]));
      const loss = denoiserLoss(
        best,
        { clean_BCHW, noise_BCHW: draw(8, count), coefficients },
        1000,
      ).dataSync()[0];
      expect(loss).toBeCloseTo((0.8 * variance) / (0.8 * variance + 0.2), 2);
    });
  });

  it('is denoised so by a small network that learned it, down to that loss', () => {
    const count = 2000;
    const coefficients = columnsOf(tf.tensor2d(exactRow(schedule, { t: 145, sigma: 0.25 }), [1, 8]));
    const start = (shape: number[], index: number): tf.Variable =>
      tf.variable(
        tf.tensor(
          normal(
            { seed: 3, purpose: 93, index },
            shape.reduce((a, b) => a * b),
          ),
          shape,
        ),
      );
    const weights = [start([1, 16], 100), start([16], 101), start([16, 1], 102), start([1], 103)] as const;
    const [w1, b1, w2, b2] = weights;
    const learned: NoisePredictor = (noisy) => {
      const hidden = tf.tanh(tf.add(tf.matMul(tf.reshape(noisy, [-1, 1]), w1), b1));
      return tf.reshape(tf.add(tf.matMul(hidden, w2), b2), noisy.shape as [number, number, number, number]);
    };
    const batch = (index: number) => ({
      clean_BCHW: tf.add(tf.mul(draw(index, count), Math.sqrt(variance)), mean) as tf.Tensor4D,
      noise_BCHW: draw(index + 1, count),
      coefficients,
    });
    const optimizer = tf.train.adam(0.02);
    for (let step = 0; step < 300; step++)
      tf.tidy(() => {
        optimizer.minimize(() => denoiserLoss(learned, batch(200 + 2 * step), 1000), false, [...weights]);
      });
    tf.tidy(() => {
      const loss = denoiserLoss(learned, batch(20_000), 1000).dataSync()[0] ?? NaN;
      const least = denoiserLoss(best, batch(20_000), 1000).dataSync()[0] ?? NaN;
      expect(loss).toBeGreaterThan(least - 0.01);
      expect(loss).toBeLessThan(least + 0.02);
      const seen = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
      const clean = denoiseOnce(learned, seen, coefficients).dataSync()[0] ?? NaN;
      expect(Math.abs(clean - 0.8090169944)).toBeLessThan(0.05);
    });
    optimizer.dispose();
    tf.dispose([...weights, ...Object.values(coefficients)]);
  });
});

describe('a learned variance', () => {
  const withVariance =
    (share: number): NoisePredictor =>
    (noisy) =>
      tf.concat([tf.zerosLike(noisy), tf.fill(noisy.shape, share)], 1);

  it('spreads a step between its two bounds', () => {
    tf.tidy(() => {
      const noisy_BCHW = tf.zeros([1, 1, 1, 4]) as tf.Tensor4D;
      const spread = (share: number): number =>
        (ancestralStep(
          withVariance(share),
          { noisy_BCHW, draw_BCHW: tf.onesLike(noisy_BCHW) },
          at(145),
        ).dataSync()[0] ?? NaN) ** 2;
      expect(spread(-1)).toBeCloseTo(0.0029530084, 7);
      expect(spread(1)).toBeCloseTo(schedule.betas[145] ?? NaN, 7);
    });
  });

  it('is learned by its own term, which leaves the predicted noise alone', () => {
    tf.tidy(() => {
      const batch = {
        clean_BCHW: tf.clipByValue(draw(0), -1, 1) as tf.Tensor4D,
        noise_BCHW: draw(1),
        coefficients: at(50),
      };
      const whole = tf.grads((noise, variance) =>
        denoiserLoss(() => tf.concat([noise, variance], 1) as tf.Tensor4D, batch, 1000),
      )([draw(3), tf.zeros([1, 1, 1, SIZE])]);
      const simple = tf.grad((noise) => denoiserLoss(() => noise as tf.Tensor4D, batch, 1000))(draw(3));
      expect(distance(whole[0] as tf.Tensor, simple)).toBe(0);
      expect(tf.max(tf.abs(whole[1] as tf.Tensor)).dataSync()[0]).toBeGreaterThan(0);
    });
  });

  it('counts the likelihood of bytes at the last step', () => {
    tf.tidy(() => {
      const batch = {
        clean_BCHW: tf.zeros([1, 1, 1, 4]) as tf.Tensor4D,
        noise_BCHW: tf.zeros([1, 1, 1, 4]) as tf.Tensor4D,
      };
      const loss =
        denoiserLoss(withVariance(1), { ...batch, coefficients: at(0) }, 1000).dataSync()[0] ?? NaN;
      // −log₂ of the mass of N(0, 1e-4) within 1/255.
      expect(loss).toBeCloseTo(-Math.log2(0.30505), 2);
    });
  });
});

describe('noise of σ = 0.25 on pixels in [0, 1]', () => {
  it('is what the step found for it holds, once', () => {
    const t = stepForSigma(schedule, 0.25);
    const [signal = NaN, noise = NaN] = exactRow(schedule, { t, sigma: 0.25 });
    expect(noise / signal).toBeCloseTo(0.5, 6);
    expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 6);
  });
});
