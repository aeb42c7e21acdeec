import { describe, expect, it } from 'vitest';
import { GateSelection } from './gate-selection.js';

const chosen = (...judged: [step: number, kept: number, divergence: number][]): number | undefined => {
  const selection = new GateSelection(0.1);
  for (const [step, kept, divergence] of judged) selection.consider({ step, kept, divergence }, () => ({}));
  return selection.best?.judged.step;
};

describe('the choice among gates', () => {
  it('is of those that keep least within the tolerance', () => {
    expect(chosen([1, 0.8, 0.01], [2, 0.3, 0.09], [3, 0.2, 0.11], [4, 0.5, 0.02])).toBe(2);
  });

  it('of those that keep equally little is of the ones that diverge least', () => {
    expect(chosen([1, 0.505, 0.05], [2, 0.5, 0.01], [3, 0.497, 0.09])).toBe(2);
  });

  it('is empty while none are within the tolerance, which no number that is none is', () => {
    expect(chosen([1, 0.1, 0.2], [2, 0.1, NaN])).toBeUndefined();
    expect(chosen([1, 0.1, 0.1])).toBe(1);
  });
});
