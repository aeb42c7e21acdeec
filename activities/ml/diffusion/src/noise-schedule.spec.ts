/** T14 to T17 of the method's tests. */
import { describe, expect, it } from 'vitest';
import { stepSigma } from './coefficients.js';
import {
  noiseAt,
  NoiseRangeError,
  noiseSchedule,
  shownTime,
  stepBack,
  stepForSigma,
} from './noise-schedule.js';

const of = (schedule: 'linear' | 'cosine', steps: number, rescaleTime = false) =>
  noiseSchedule({ schedule, steps, rescaleTime });
const linear = of('linear', 1000);

describe('a schedule', () => {
  it('has the published amounts of noise', () => {
    expect([linear.betas[0], linear.betas[999]]).toEqual([1e-4, 0.02]);
    const kept = [0, 99, 249, 499, 999].map((t) => linear.cumulative[t] ?? NaN);
    [0.9999, 0.897018, 0.524085, 0.078587, 4.0358e-5].forEach((value, i) =>
      expect(kept[i]).toBeCloseTo(value, 6),
    );
    const cosine = of('cosine', 4000);
    [0.847012, 0.493844, 0.144272].forEach((value, i) =>
      expect(cosine.cumulative[1000 * (i + 1) - 1]).toBeCloseTo(value, 6),
    );
    const long = of('linear', 4000);
    expect(long.betas[0]).toBeCloseTo(2.5e-5, 12);
    expect(long.betas[3999]).toBeCloseTo(0.005, 12);
  });

  it.each([
    [0.12, 70, 0.241379, 573, 0.240231, 143, 0.241057],
    [0.25, 145, 0.503162, 1158, 0.500237, 289, 0.500725],
    [0.5, 259, 1.004784, 1984, 1.000624, 496, 1.002966],
    [1, 396, 2.000482, 2809, 2.000028, 702, 2.003931],
  ])('finds the step that holds σ %f by all the noise up to it', (sigma, ...known) => {
    const schedules = [linear, of('cosine', 4000), of('cosine', 1000)];
    schedules.forEach((schedule, i) => {
      const t = stepForSigma(schedule, sigma);
      expect(t).toBe(known[2 * i]);
      expect(noiseAt(schedule, t)).toBeCloseTo(known[2 * i + 1] ?? NaN, 6);
      expect(2 * stepSigma(schedule, t)).toBe(noiseAt(schedule, t));
    });
  });

  it('is not asked by the noise of a single step, which is the mistake of released code', () => {
    // √(β) of step 145 is 0.055: who compares that with 2σ = 0.5 ends at the last steps, where nothing is left.
    expect(Math.sqrt(linear.betas[145] ?? NaN)).toBeLessThan(0.06);
    expect(stepForSigma(linear, 0.25)).toBeLessThan(200);
    // It sets 1 − β_t = 1 / (1 + δ²), where β is a line in the step, counted from 1, and takes the nearest whole one: so its
    // answers are those of our β, read between steps.
    const deltas = [2, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32];
    const [first = NaN, second = NaN] = linear.betas;
    const released = deltas.map((delta) => {
      const wanted = 1 - 1 / (1 + (delta / 255) ** 2);
      return Math.min(1000, Math.max(0, Math.round(1 + (wanted - first) / (second - first))));
    });
    expect(released).toEqual([0, 8, 15, 24, 34, 45, 73, 107, 193, 437, 774]);
    // Noise of √(.02 / .98) is the most that it can ask for.
    expect(Math.sqrt((linear.betas[999] ?? NaN) / (1 - (linear.betas[999] ?? NaN)))).toBeCloseTo(0.142857, 6);
    const ours = deltas.map((delta) => stepForSigma(linear, delta / 255 / 2));
    // The steps that do hold noise of δ/255 in [−1, 1].
    expect(ours).toEqual([1, 2, 3, 4, 5, 6, 8, 11, 15, 25, 35]);
  });

  it('goes round: the noise of a step finds the step', () => {
    for (let t = 1; t < 1000; t++) {
      const kept = linear.cumulative[t] ?? NaN;
      expect(1 / (1 + noiseAt(linear, t) ** 2)).toBeCloseTo(kept, 12);
      expect(stepForSigma(linear, stepSigma(linear, t))).toBe(t);
    }
    expect(stepForSigma(linear, 0)).toBe(0);
    expect(stepForSigma(linear, 1e-9)).toBe(1);
  });

  it('refuses noise that it does not hold, with what it holds', () => {
    for (const sigma of [-1, NaN, 1000]) expect(() => stepForSigma(linear, sigma)).toThrow(NoiseRangeError);
    expect(() => stepForSigma(linear, 100)).toThrow(
      'expected from 0 to 78.7036, what 1000 steps reach, got 100',
    );
    expect(() => of('linear', 1)).toThrow('expected a whole number from 2, got 1');
  });

  it('is shown to the model as it was trained', () => {
    expect(shownTime(of('cosine', 4000, true), 1158)).toBe(289.5);
    expect(shownTime(linear, 145)).toBe(145);
  });
});

describe('a step back', () => {
  it.each([
    [1, 0.5452914995, 0.454708499, 5.45318766e-5],
    [145, 0.0132335409, 0.9866832402, 0.0029530084],
  ])('from %i has its known shares', (t, clean, noisy, variance) => {
    const back = stepBack(linear, t);
    expect(back.clean).toBeCloseTo(clean, 9);
    expect(back.noisy).toBeCloseTo(noisy, 9);
    expect(Math.exp(back.logLower) / variance).toBeCloseTo(1, 7);
    expect(linear.posteriorVariance[t]).toBeCloseTo(variance, 9);
  });

  it('keeps a chain without noise on its way, over any number of steps at once', () => {
    for (const [t, to] of [
      [1, 0],
      [145, 144],
      [999, 998],
      [999, 500],
      [300, 0],
    ] as const) {
      const { clean, noisy } = stepBack(linear, t, to);
      expect(clean + noisy * Math.sqrt(linear.cumulative[t] ?? NaN)).toBeCloseTo(
        Math.sqrt(linear.cumulative[to] ?? NaN),
        12,
      );
    }
    expect(stepBack(linear, 10, -1)).toMatchObject({ clean: 1, noisy: 0 });
  });
});
