import { describe, expect, it } from 'vitest';
import { Draws } from './draws.js';

const key = { seed: 3, purpose: 90, step: 1, index: 2 };
const moments = (values: readonly number[]): { mean: number; variance: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
};
const many = (draw: (draws: Draws) => number, count = 20_000): number[] => {
  const draws = new Draws(key);
  return Array.from({ length: count }, () => draw(draws));
};

describe('draws one after the other', () => {
  it('are the same for the same key, and others for another', () => {
    const of = (over: object): number[] => {
      const draws = new Draws({ ...key, ...over });
      return [
        draws.bits(),
        draws.uniform(),
        draws.normal(),
        draws.gamma(0.4),
        draws.poisson(3),
        draws.integer(0, 9),
      ];
    };
    expect(of({})).toEqual(of({}));
    expect(of({ index: 3 })).not.toEqual(of({}));
  });

  // Means and variances of 20,000 draws, within five standard errors of what the distributions have.
  it.each<[string, (draws: Draws) => number, number, number, number]>([
    ['uniform', (draws) => draws.uniform(), 0.5, 1 / 12, 0.3],
    ['normal', (draws) => draws.normal(), 0, 1, 0.05],
    ['gamma of shape 0.8', (draws) => draws.gamma(0.8), 0.8, 0.8, 0.12],
    ['gamma of shape 5', (draws) => draws.gamma(5), 5, 5, 0.06],
    ['beta 0.8', (draws) => draws.beta(0.8, 0.8), 0.5, 0.25 / 2.6, 0.05],
    ['Poisson 3', (draws) => draws.poisson(3), 3, 3, 0.06],
    ['Poisson 1200', (draws) => draws.poisson(1200), 1200, 1200, 0.05],
  ])('of %s have mean and variance of it', (_, draw, mean, variance, relative) => {
    const actual = moments(many(draw, variance > 1000 ? 4000 : 20_000));
    expect(Math.abs(actual.mean - mean)).toBeLessThan(
      5 * Math.sqrt(variance / (variance > 1000 ? 4000 : 20_000)),
    );
    expect(Math.abs(actual.variance / variance - 1)).toBeLessThan(
      Math.max(relative, variance > 1000 ? 0.12 : 0),
    );
  });

  it('of whole numbers take each of a range, and none beside it', () => {
    const counts = new Map<number, number>();
    for (const value of many((draws) => draws.integer(-2, 3), 5000))
      counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    // 1000 expected, standard deviation 28.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
  });

  it('of Poisson with mean 0 is 0', () => {
    expect(new Draws(key).poisson(0)).toBe(0);
  });
});
