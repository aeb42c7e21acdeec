/** T4 to T6 of the method's tests. */
import { uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { gaussianRenyi, predictionThreshold, renyiDivergence } from './renyi.js';

describe('Rényi divergence', () => {
  it('of two Gaussians has its closed form', () => {
    const g = (mean: number, variance: number) => ({ mean, variance });
    expect(gaussianRenyi(g(0, 1), g(1, 1), 2)).toBeCloseTo(1, 12);
    expect(gaussianRenyi(g(0, 1), g(1, 1), 5)).toBeCloseTo(2.5, 12);
    expect(gaussianRenyi(g(0, 1), g(0, 2), 2)).toBeCloseTo(0.1438410362, 9);
    expect(gaussianRenyi(g(1, 1), g(0, 2), 2)).toBeCloseTo(0.4771743696, 9);
    expect(gaussianRenyi(g(0, 1), g(0.5, 4), 3)).toBeCloseTo(0.5015744976, 9);
    expect(gaussianRenyi(g(0, 2), g(0, 1), 2)).toBe(Infinity);
    expect(gaussianRenyi(g(0, 1), g(1, 1), 1)).toBeCloseTo(0.5, 12);
  });

  it('of two distributions has its known values, and grows with the order', () => {
    const [p, q] = [
      [0.5, 0.5],
      [0.25, 0.75],
    ];
    expect(renyiDivergence(p, q, 2)).toBeCloseTo(Math.log(4 / 3), 12);
    expect(renyiDivergence(p, q, 1)).toBeCloseTo(0.1438410362, 9);
    expect(renyiDivergence(p, q, Infinity)).toBeCloseTo(Math.LN2, 12);
    expect(renyiDivergence(p, q, 0.5)).toBeCloseTo(0.0693364642, 9);
    expect(renyiDivergence(p, p, 3)).toBeCloseTo(0, 12);
    const orders = [0.3, 0.9, 1, 1.1, 2, 9, 100, Infinity].map((order) => renyiDivergence(p, q, order));
    expect([...orders].sort((a, b) => a - b)).toEqual(orders);
    expect(renyiDivergence([1, 0], [0, 1], 2)).toBe(Infinity);
  });

  it('refuses distributions over other outcomes, and orders that are none', () => {
    expect(() => renyiDivergence([1], [0.5, 0.5], 2)).toThrow('expected 1 probabilities, got 2');
    for (const order of [0, -1, NaN]) expect(() => renyiDivergence([1], [1], order)).toThrow(RangeError);
  });
});

describe('the threshold of a prediction', () => {
  it.each([
    [[0.8, 0.1], 0.7862376036, 0.4305056825],
    [[0.7, 0.2], 0.3254224004, 0.2436616895],
    [[0.4, 0.4], 0, 0],
  ] as const)('of %j has its known values', (top, forward, reverse) => {
    expect(predictionThreshold(top, 2, 'forward')).toBeCloseTo(forward, 9);
    expect(predictionThreshold(top, 2, 'reverse')).toBeCloseTo(reverse, 9);
  });

  it('is not above the divergence of any distribution with another largest entry', () => {
    const p = [0.6, 0.3, 0.1];
    const draws = uniform({ seed: 3, purpose: 90 }, 3000);
    for (let at = 0; at < draws.length; at += 3) {
      const raw = [...draws.subarray(at, at + 3)].map((value) => value + 1e-6);
      const total = raw.reduce((sum, value) => sum + value, 0);
      const q = raw.map((value) => value / total);
      if ((q[0] ?? 0) >= Math.max(q[1] ?? 0, q[2] ?? 0)) continue;
      for (const order of [1.01, 2, 20]) {
        expect(renyiDivergence(q, p, order)).toBeGreaterThanOrEqual(
          predictionThreshold([0.6, 0.3], order) - 1e-9,
        );
        expect(renyiDivergence(p, q, order)).toBeGreaterThanOrEqual(
          predictionThreshold([0.6, 0.3], order, 'reverse') - 1e-9,
        );
      }
    }
  });

  it('refuses probabilities that are none', () => {
    expect(() => predictionThreshold([0.2, 0.3], 2)).toThrow(RangeError);
    expect(() => predictionThreshold([NaN, 0.3], 2)).toThrow(RangeError);
  });
});
