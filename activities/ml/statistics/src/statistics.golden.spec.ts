import { describe, expect, it } from 'vitest';
import { mcnemar } from './mcnemar.js';
import { comparePaired } from './paired-comparison.js';
import golden from './statistics.golden.json' with { type: 'json' };
import { studentQuantile, studentTail } from './student-t.js';

const close = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThan(golden.tolerance * Math.max(1, Math.abs(expected)));

describe("Student's distribution", () => {
  it("has SciPy's tails", () => {
    for (const [t, degrees, tail] of golden.tails as [number, number, number][])
      close(studentTail(t, degrees), tail);
  });

  it("has SciPy's quantiles", () => {
    for (const [share, degrees, quantile] of golden.quantiles as [number, number, number][])
      close(studentQuantile(share, degrees), quantile);
  });

  it('has none below the median or of no degrees of freedom', () => {
    expect(() => studentQuantile(0.3, 4)).toThrow('share: expected 0.5 ≤ share < 1, got 0.3');
    expect(() => studentQuantile(0.9, NaN)).toThrow('degrees of freedom: expected 1 or more, got NaN');
  });
});

describe('a paired comparison', () => {
  it.each(golden.crossed)(
    'over $seeds seeds and $images images is that of a least-squares fit',
    (expected) => {
      const actual = comparePaired(expected);
      for (const field of ['difference', 'standardError', 'degreesOfFreedom', 'low', 'high'] as const)
        close(actual[field], expected[field]);
    },
  );

  it("of one seed is SciPy's paired t interval over images", () => {
    const { values, low, high } = golden.single;
    const actual = comparePaired({ values, seeds: 1, images: values.length });
    close(actual.low, low);
    close(actual.high, high);
  });
});

describe("McNemar's test", () => {
  it("is SciPy's exact binomial test of the images that one alone answers right", () => {
    const { first, second, ...expected } = golden.mcnemar;
    const [ours, theirs] = [first, second].map((answers) => answers.map((right) => right === 1));
    const { pValue, ...counts } = mcnemar(ours ?? [], theirs ?? []);
    expect(counts).toEqual({ firstOnly: expected.firstOnly, secondOnly: expected.secondOnly });
    close(pValue, expected.pValue);
  });

  it('says nothing of equal answers, and refuses those of different images', () => {
    expect(mcnemar([true, false], [true, false]).pValue).toBe(1);
    expect(() => mcnemar([true], [])).toThrow('expected as many answers of both, got 1 and 0');
  });
});
