import * as tf from '@tensorflow/tfjs-core';
import { uniform } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BALANCE, clampLogit, expectedGate, logOpen, openProbability, sampleGate } from './hard-concrete.js';

/** u, P(z = 0), log P(z > 0), E[z], z at U = 0.5: by quadrature in double precision. */
const TABLE = [
  [-7, 0.99874343, -6.67936978, 0.000848, 0],
  [-3, 0.93572269, -2.74454854, 0.04416, 0],
  [-1, 0.66331728, -1.08861427, 0.251895, 0],
  [BALANCE, 0.5, -0.69314718, 0.396372, 0],
  [0, 0.4202158, -0.54509931, 0.473911, 0.4],
  [1, 0.21050442, -0.23636104, 0.706188, 0.99196858],
  [2, 0.08932639, -0.09357072, 0.865575, 0.99994552],
  [5, 0.00485979, -0.00487164, 0.992225, 1],
  [8, 0.00024308, -0.00024311, 0.99961, 1],
] as const;

const of = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);
const column = (at: 0 | 1 | 2 | 3 | 4): number[] => TABLE.map((row) => row[at]);
const logits = column(0);

function close(actual: number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) =>
    expect(Math.abs(value - (expected[i] ?? NaN)), `${value} for ${expected[i]}`).toBeLessThan(tolerance),
  );
}

describe('Hard Concrete', () => {
  it('is balanced where open and shut are equally likely', () => {
    expect(BALANCE).toBeCloseTo(-0.3218875825, 10);
  });

  it('has the probabilities, expectations and samples of the table', () => {
    close(
      of(() => logOpen(tf.tensor1d(logits))),
      column(2),
      2e-6,
    );
    close(
      logits.map((logit) => 1 - openProbability(logit)),
      column(1),
      1e-7,
    );
    close(
      of(() => expectedGate(tf.tensor1d(logits))),
      column(3),
      2e-6,
    );
    close(
      of(() => sampleGate(tf.tensor1d(logits), tf.fill([logits.length], 0.5))),
      column(4),
      5e-5,
    );
  });

  it('has P(z = 0) as the slope of its penalty', () => {
    const slopes = of(() => tf.grad((u) => tf.sum(logOpen(u)))(tf.tensor1d(logits)));
    close(slopes, column(1), 1e-6);
  });

  it('shows its probabilities and expectations in a million samples', () => {
    const draws = uniform({ seed: 1, purpose: 90 }, 1_000_000);
    for (const [logit, shut, , mean] of TABLE) {
      const [closed = NaN, average = NaN] = of(() => {
        const z = sampleGate(tf.fill([draws.length], logit), tf.tensor1d(draws));
        return tf.stack([tf.mean(tf.cast(tf.equal(z, 0), 'float32')), tf.mean(z)]);
      });
      expect(Math.abs(closed - shut)).toBeLessThan(2e-3);
      expect(Math.abs(average - mean)).toBeLessThan(2e-3);
    }
  });

  it('draws what the formula says', () => {
    const [draws, at] = [
      [0.5, 0.5, 0.5, 0.9, 0.3, 0.1],
      [0, -0.3, -0.33, 0, 2, 1],
    ];
    const samples = of(() => sampleGate(tf.tensor1d(at as number[]), tf.tensor1d(draws as number[])));
    close(samples, [0.4, 0.01891063, 0, 0.99997968, 0.99624371, 0], 2e-6);
  });

  it('opens exactly where the draw is above σ(c − u)', () => {
    const threshold = 1 - openProbability(0);
    expect(threshold).toBeCloseTo(0.4202158, 7);
    const [below = NaN, above = NaN] = of(() =>
      sampleGate(tf.tensor1d([0, 0]), tf.tensor1d([threshold - 1e-5, threshold + 1e-5])),
    );
    expect(below).toBe(0);
    expect(above).toBeGreaterThan(0);
  });

  it('at its limits is open without penalty, and shut with a finite one', () => {
    const limits = [50, -50];
    const slope = of(() => tf.grad((u) => sampleGate(u, tf.tensor1d([0.5])))(tf.tensor1d([-1])));
    expect(slope).toEqual([0]);
    const [open = NaN, shut = NaN] = of(() => sampleGate(tf.tensor1d(limits), tf.tensor1d([0.5, 0.5])));
    const [free = NaN, dear = NaN] = of(() => logOpen(tf.tensor1d(limits)));
    expect(Math.abs(open - 1)).toBeLessThan(1e-6);
    expect(Math.abs(free)).toBeLessThan(1e-20);
    expect(shut).toBe(0);
    expect(dear).toBeCloseTo(-49.6781, 4);
  });

  it('is finite and in [0, 1] for every draw and logit, and never falls with the logit', () => {
    const draw = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(draw, fc.double({ min: -100, max: 100, noNaN: true }), (u, logit) => {
        const [z = NaN, slope = NaN] = of(() => {
          const noise = tf.tensor1d([u]);
          const { value, grad } = tf.valueAndGrad((x) => sampleGate(x, noise))(tf.tensor1d([logit]));
          return tf.concat([value, grad]);
        });
        return z >= 0 && z <= 1 && Number.isFinite(slope) && slope >= 0;
      }),
      { numRuns: 60 },
    );
  });

  it("clamped has no gradient beyond the limit of PyTorch's sampler", () => {
    const slopes = of(() => tf.grad((u) => tf.sum(clampLogit(u)))(tf.tensor1d([15.9, 15.95, -15.95])));
    expect(slopes).toEqual([1, 0, 0]);
  });
});
