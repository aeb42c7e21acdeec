/** What the contracts refuse by numbers alone is what the numeric core could not do. */
import { diffusionSpecSchema, fewestDraws, largestSigma } from '@vitrine/contracts';
import { noiseAt, noiseSchedule, stepForSigma } from '@vitrine/ml-diffusion';
import { majorityCertain } from '@vitrine/ml-smoothing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the limits that are told at submit', () => {
  it('are the noise that the last step of a schedule holds, and no less', () => {
    for (const schedule of ['linear', 'cosine'] as const)
      for (const steps of [2, 3, 50, 1000, 4000, 10_000]) {
        const diffusion = diffusionSpecSchema.parse({ schedule, steps });
        const largest = largestSigma(diffusion);
        expect(largest).toBe(noiseAt(noiseSchedule(diffusion), steps - 1) / 2);
        expect(stepForSigma(noiseSchedule(diffusion), largest)).toBe(steps - 1);
      }
  });

  it('are the fewest draws that can certify', () => {
    expect([0.001, 0.05, 0.3].map(fewestDraws)).toEqual([10, 5, 2]);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.49, noNaN: true }), (alpha) => {
        const draws = fewestDraws(alpha);
        const all = (count: number): boolean =>
          majorityCertain({ hits: count, draws: count }, alpha * (1 + 1e-8));
        return (
          all(draws) &&
          (draws === 1 || !majorityCertain({ hits: draws - 1, draws: draws - 1 }, alpha * (1 - 1e-8)))
        );
      }),
    );
  });
});
