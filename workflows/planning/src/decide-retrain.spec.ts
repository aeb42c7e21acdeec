import type { ModelComparison, ModelScore } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { decideRetrain } from './decide-retrain.js';

const rule = { condition: 0, margin: 0, significance: 0.05 };
const score = (accuracy: number): ModelScore => ({
  ...{ condition: 'clean', images: 100, accuracy, low: accuracy - 0.05, high: accuracy + 0.05 },
  datasetSha256: 'data',
});
const comparison = (difference: number, spread: number, pValue: number): ModelComparison => ({
  ...{ condition: 'Clean images', images: 100, difference, pValue },
  ...{ low: difference - spread, high: difference + spread },
  ...{ candidateOnly: 3, championOnly: 2 },
});
const decide = (compared: ModelComparison, changes: object = {}) =>
  decideRetrain({ rule, candidate: score(0.5), champion: score(0.4), comparison: compared, ...changes })
    .decision;

describe('a candidate', () => {
  it('is promoted when there is no champion', () => {
    expect(decideRetrain({ rule, candidate: score(0.1) }).decision).toBe('promote');
  });

  it('is promoted when interval and test both say that it is better by more than the margin', () => {
    expect(decide(comparison(0.1, 0.05, 0.001))).toBe('promote');
    expect(decide(comparison(0.1, 0.05, 0.06))).toBe('keep');
    expect(decide(comparison(0.1, 0.15, 0.001))).toBe('keep');
    expect(decide(comparison(0.1, 0.05, 0.001), { rule: { ...rule, margin: 0.06 } })).toBe('keep');
  });

  it('that is as clearly worse is for somebody to look at', () => {
    expect(decide(comparison(-0.1, 0.05, 0.001))).toBe('alert');
    expect(decide(comparison(-0.1, 0.15, 0.001))).toBe('keep');
  });

  it('that is no better does not hide a champion that has become worse', () => {
    expect(decide(comparison(0, 0.05, 1), { promotedAs: score(0.51) })).toBe('alert');
    expect(decide(comparison(0, 0.05, 1), { promotedAs: score(0.49) })).toBe('keep');
    expect(decide(comparison(0.1, 0.05, 0.001), { promotedAs: score(0.9) })).toBe('promote');
  });

  it('that gives the same answers is not better', () => {
    expect(decide(comparison(0, 0, 1))).toBe('keep');
  });
});
