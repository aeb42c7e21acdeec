/** T1 to T3, T7 and T8 of the method's tests. */
import { uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { voteOrder, voteRadius } from './attention-votes.js';
import {
  faithfulRadius,
  lipschitzTopKRadius,
  renyiPredictionRadius,
  renyiTopKRadius,
  topKThreshold,
  toLInfinity,
} from './faithful-region.js';
import { predictionThreshold, renyiDivergence } from './renyi.js';
import { publishedThreshold } from './testing/published-threshold.js';
import { leavingCount, stableTopK, strictTopK, topKOverlap } from './top-k.js';

/** The beta for which so many of k must leave. */
const betaFor = (k: number, leaving: number): number => (k - leaving + 1) / k;

const simplex = (seed: number, size: number): number[] => {
  const raw = [...uniform({ seed, purpose: 91 }, size)].map((u) => -Math.log(u + 1e-9));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
};

describe('the overlap of the top k', () => {
  it('counts shared indices', () => {
    expect(
      topKOverlap(
        [
          [5, 4, 3, 2, 1],
          [5, 4, 1, 2, 3],
        ],
        3,
      ),
    ).toBeCloseTo(2 / 3, 12);
    expect(
      topKOverlap(
        [
          [5, 4, 3, 2, 1],
          [1, 2, 3, 4, 5],
        ],
        3,
      ),
    ).toBeCloseTo(1 / 3, 12);
    expect(
      topKOverlap(
        [
          [5, 4, 3, 2, 1],
          [1, 2, 3, 4, 5],
        ],
        2,
      ),
    ).toBe(0);
  });

  it('by the definition leaves out ties at the border, and by rank keeps k', () => {
    expect(strictTopK([1, 1, 0], 1)).toEqual([]);
    expect(
      topKOverlap(
        [
          [1, 1, 0],
          [1, 1, 0],
        ],
        1,
        strictTopK,
      ),
    ).toBe(0);
    expect(
      topKOverlap(
        [
          [1, 1, 0],
          [1, 1, 0],
        ],
        1,
      ),
    ).toBe(1);
    expect(strictTopK([3, 1, 2], 2)).toEqual([0, 2]);
    expect(stableTopK([0, 0, 0], 2)).toEqual([0, 1]);
  });

  it('is symmetric, and blind to increasing maps and common permutations', () => {
    const [u, v] = [simplex(1, 9), simplex(2, 9)];
    const shuffled = (values: number[]): number[] => values.map((_, i) => values[(4 * i + 2) % 9] ?? NaN);
    for (let k = 1; k < 9; k++) {
      const overlap = topKOverlap([u, v], k);
      expect(topKOverlap([v, u], k)).toBe(overlap);
      expect(topKOverlap([u.map(Math.exp), v], k)).toBe(overlap);
      expect(topKOverlap([shuffled(u), shuffled(v)], k)).toBe(overlap);
      expect(topKOverlap([u, u], k)).toBe(1);
    }
  });

  it('breaks when so many have left', () => {
    const cases = [
      [10, 0.8, 3],
      [10, 0.9, 2],
      [10, 1, 1],
      [4, 0.5, 3],
      [5, 0.6, 3],
      [20, 0.8, 5],
    ] as const;
    for (const [k, beta, leaving] of cases) expect(leavingCount(k, beta)).toBe(leaving);
  });
});

const SIX = [0.3, 0.25, 0.2, 0.12, 0.08, 0.05];
const FOUR = [0.4, 0.21, 0.2, 0.19];

describe('the threshold of the top k', () => {
  it.each([
    [2, 1, 0.00557105, 0.00553086],
    [3, 1, 0.02020271, 0.01960054],
    [2, 2, 0.10040826, 0.07791296],
    [3, 2, 0.12068529, 0.10192227],
    [3, 3, 0.38916741, 0.25835624],
  ])('for k %i of which %i leave has its known values', (k, leaving, forward, reverse) => {
    const claim = { k, beta: betaFor(k, leaving) };
    expect(topKThreshold(SIX, claim, { order: 2, direction: 'forward' })).toBeCloseTo(forward, 7);
    expect(topKThreshold(SIX, claim, { order: 2, direction: 'reverse' })).toBeCloseTo(reverse, 7);
  });

  it.each([
    [2, 0.10071184],
    [3, 0.3899127],
  ])('for k %i all of which may leave is published as %f', (k, published) => {
    const claim = { k, beta: betaFor(k, k) };
    expect(publishedThreshold(SIX, claim, { order: 2, direction: 'forward' })).toBeCloseTo(published, 7);
  });

  it.each([
    [1.5, 0.072071, 0.069441, 0.084118, 0.075771],
    [2, 0.091043, 0.088662, 0.114043, 0.100636],
    [5, 0.160462, 0.160296, 0.263691, 0.210848],
  ])('at order %f is below the published one where two may leave', (order, ...known) => {
    const claim = { k: 2, beta: betaFor(2, 2) };
    const of = (threshold: typeof topKThreshold, direction: 'forward' | 'reverse'): number =>
      threshold(FOUR, claim, { order, direction });
    const actual = [
      of(publishedThreshold, 'forward'),
      of(topKThreshold, 'forward'),
      of(publishedThreshold, 'reverse'),
      of(topKThreshold, 'reverse'),
    ];
    actual.forEach((value, i) => expect(value).toBeCloseTo(known[i] ?? NaN, 6));
  });

  it('of the largest entry is that of a prediction', () => {
    for (const direction of ['forward', 'reverse'] as const)
      expect(topKThreshold(SIX, { k: 1, beta: 1 }, { order: 3, direction })).toBeCloseTo(
        predictionThreshold([0.3, 0.25], 3, direction),
        12,
      );
  });

  it('is not above the divergence of any vector that breaks the claim', () => {
    let broken = 0;
    for (let seed = 0; seed < 400; seed++) {
      const near = simplex(seed, 6).map((value, i) => 0.5 * value + 0.5 * (SIX[i] ?? 0));
      for (const [k, leaving] of [
        [2, 1],
        [3, 2],
        [3, 3],
      ] as const) {
        const claim = { k, beta: betaFor(k, leaving) };
        if (topKOverlap([SIX, near], k) >= claim.beta - 1e-9) continue;
        broken++;
        for (const order of [1.001, 2, 10]) {
          const forward = topKThreshold(SIX, claim, { order, direction: 'forward' });
          const reverse = topKThreshold(SIX, claim, { order, direction: 'reverse' });
          expect(renyiDivergence(near, SIX, order)).toBeGreaterThanOrEqual(forward - 1e-9);
          expect(renyiDivergence(SIX, near, order)).toBeGreaterThanOrEqual(reverse - 1e-9);
        }
      }
    }
    expect(broken).toBeGreaterThan(100);
  });

  it('is infinite where too few stand outside, and 0 where the border is a tie', () => {
    expect(topKThreshold(SIX, { k: 5, beta: 0.2 }, { order: 2, direction: 'forward' })).toBe(Infinity);
    const tie = topKThreshold(
      [0.25, 0.25, 0.25, 0.25],
      { k: 2, beta: 1 },
      { order: 2, direction: 'reverse' },
    );
    expect(tie).toBeCloseTo(0, 12);
  });

  it('refuses what is no attention', () => {
    const options = { order: 2, direction: 'forward' } as const;
    expect(() => topKThreshold([0.5, 0.4], { k: 1, beta: 1 }, options)).toThrow(
      'expected a sum of 1, got 0.9',
    );
    expect(() => topKThreshold([0.5, NaN, 0.5], { k: 1, beta: 1 }, options)).toThrow('entries from 0 to 1');
    expect(() => topKThreshold([0.5, 0.5], { k: 2, beta: 1 }, options)).toThrow(
      'k: expected a whole number from 1 to 1',
    );
    expect(() => topKThreshold([0.5, 0.5], { k: 1, beta: 0 }, options)).toThrow('beta');
  });
});

describe('faithful radii', () => {
  it.each([
    [2, 1, 0.074704, 0.083566],
    [3, 1, 0.142922, 0.166683],
    [3, 2, 0.347772, 0.365291],
    [2, 2, 0.318921, 0.325293],
  ])(
    'for k %i of which %i leave have their known values, in proportion to σ',
    (k, leaving, renyi, lipschitz) => {
      const claim = { k, beta: betaFor(k, leaving) };
      expect(renyiTopKRadius(SIX, claim, 1)).toBeCloseTo(renyi, 4);
      expect(lipschitzTopKRadius(SIX, claim, 1)).toBeCloseTo(lipschitz, 6);
      expect(lipschitzTopKRadius(SIX, claim, 3)).toBeCloseTo(3 * lipschitz, 5);
      expect(renyiTopKRadius(SIX, claim, 3) / renyiTopKRadius(SIX, claim, 1)).toBeCloseTo(3, 9);
    },
  );

  it.each([
    [[0.8, 0.2], 0.674223],
    [[0.8, 0.1], 0.912459],
    [[0.6, 0.3], 0.325661],
    [[0.9, 0.05], 1.249373],
    [[0.99, 0.01], 1.908008],
  ] as const)("of a prediction %j by Rényi's divergence", (top, radius) => {
    expect(renyiPredictionRadius(top, 1)).toBeCloseTo(radius, 4);
  });

  it('take the larger argument for attention, and hold for both at once', () => {
    expect(faithfulRadius({ prediction: 0.5, attention: [0.1, 0.2] })).toBe(0.2);
    expect(faithfulRadius({ prediction: 0.1, attention: [0.1, 0.2] })).toBe(0.1);
    expect(faithfulRadius({ prediction: 1, attention: [] })).toBe(0);
    expect(toLInfinity(1.7388, 3072) * 255).toBeCloseTo(8, 2);
  });
});

describe('votes', () => {
  const order = voteOrder({ hits: [90, 10, 95, 3, 2], draws: 100 });

  it('rank the tokens, and certify the ones that are told apart', () => {
    expect(order).toEqual([2, 0, 1, 3, 4]);
    const votes = { hits: [900, 100, 950, 30, 20], draws: 1000 };
    const radius = voteRadius(votes, order, { k: 2, beta: 1, sigma: 0.5, alpha: 0.001 });
    expect(radius).toBeGreaterThan(0.5);
    expect(radius).toBeLessThan(0.64);
    expect(voteRadius(votes, order, { k: 1, beta: 1, sigma: 0.5, alpha: 0.001 })).toBeLessThan(radius);
    expect(voteRadius(votes, [1, 3, 0, 2, 4], { k: 2, beta: 1, sigma: 0.5, alpha: 0.001 })).toBe(0);
  });
});
