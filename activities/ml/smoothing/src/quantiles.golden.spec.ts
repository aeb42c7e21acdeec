import { describe, expect, it } from 'vitest';
import { fairCoinPValue, lowerBound, majorityCertain, upperBound } from './clopper-pearson.js';
import { normalCdf, normalQuantile } from './normal-distribution.js';
import golden from './quantiles.golden.json' with { type: 'json' };

const near = (actual: number, expected: number): boolean =>
  actual === expected || Math.abs(actual - expected) <= golden.tolerance * Math.abs(expected);

const failures = (cases: readonly (readonly number[])[], of: (given: readonly number[]) => number[]) =>
  cases.flatMap((given) => {
    const actual = of(given);
    const expected = given.slice(given.length - actual.length);
    return actual.every((value, i) => near(value, expected[i] ?? NaN)) ? [] : [{ given, actual }];
  });

describe('quantiles and bounds against SciPy', () => {
  it('gives the normal quantile from 1e-300 to 1 − 2^-53', () => {
    expect(failures(golden.normalQuantile, ([p = NaN]) => [normalQuantile(p)])).toEqual([]);
  });

  it('gives the normal distribution function in both tails', () => {
    expect(failures(golden.normalCdf, ([x = NaN]) => [normalCdf(x)])).toEqual([]);
  });

  it("gives Clopper and Pearson's bounds for one draw and for a million", () => {
    expect(
      failures(golden.clopperPearson, ([hits = NaN, draws = NaN, alpha = NaN]) => [
        lowerBound({ hits, draws }, alpha),
        upperBound({ hits, draws }, alpha),
      ]),
    ).toEqual([]);
  });

  it('decides a majority as the bound does', () => {
    for (const [hits = NaN, draws = NaN, alpha = NaN, lower = NaN] of golden.clopperPearson)
      expect(majorityCertain({ hits, draws }, alpha)).toBe(lower >= 0.5);
  });

  it('gives the p-value of a fair coin', () => {
    expect(
      failures(golden.fairCoin, ([hits = NaN, draws = NaN]) => [fairCoinPValue({ hits, draws })]),
    ).toEqual([]);
  });
});

describe('what is outside', () => {
  it('gives infinities at 0 and 1, and no number elsewhere', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    for (const p of [-1, 2, NaN, Infinity]) expect(normalQuantile(p)).toBeNaN();
    expect([normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([0, 1]);
  });

  it('refuses counts that are none, and an alpha that is no probability', () => {
    expect(() => lowerBound({ hits: 3, draws: 2 }, 0.1)).toThrow('0 ≤ hits ≤ draws, got 3 of 2');
    expect(() => lowerBound({ hits: 1.5, draws: 2 }, 0.1)).toThrow(RangeError);
    for (const alpha of [0, 1, NaN]) expect(() => upperBound({ hits: 1, draws: 2 }, alpha)).toThrow('alpha');
  });
});
