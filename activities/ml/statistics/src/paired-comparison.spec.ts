import { Draws } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaired } from './paired-comparison.js';

describe('the interval of a paired comparison', () => {
  // Nominal 95 %; of 600 studies the share that holds the truth has a standard error of 0.009. With three seeds and effects of
  // both kinds the degrees of freedom are an approximation.
  it.each([
    { seed: 0, image: 0, least: 0.93 },
    { seed: 0.1, image: 0.5, least: 0.925 },
    { seed: 0.4, image: 0, least: 0.925 },
    { seed: 0.4, image: 1, least: 0.9 },
  ])(
    'holds the true difference of studies with effects of seeds $seed and images $image',
    ({ seed, image, least }) => {
      const [seeds, images, studies] = [3, 60, 600];
      let held = 0;
      for (let study = 0; study < studies; study++) {
        const draws = new Draws({ seed: 8, purpose: 90, index: study });
        const ofImage = Array.from({ length: images }, () => image * draws.normal());
        const values = Array.from({ length: seeds }, () => {
          const ofSeed = seed * draws.normal();
          return ofImage.map((effect) => 0.3 + ofSeed + effect + draws.normal());
        }).flat();
        const { low, high } = comparePaired({ values, seeds, images });
        if (low <= 0.3 && high >= 0.3) held++;
      }
      expect(held / studies).toBeGreaterThan(least);
    },
  );

  it('would have told the detectable difference from zero four times in five', () => {
    const [seeds, images, studies] = [3, 60, 600];
    const differ = (study: number, truth: number) => {
      const draws = new Draws({ seed: 9, purpose: 90, index: study });
      const ofImage = Array.from({ length: images }, () => draws.normal());
      const values = Array.from({ length: seeds }, () =>
        ofImage.map((effect) => truth + effect + draws.normal()),
      ).flat();
      return comparePaired({ values, seeds, images });
    };
    const detectable =
      Array.from({ length: studies }, (_, study) => differ(study, 0).detectable).reduce((a, b) => a + b, 0) /
      studies;
    const seen = Array.from({ length: studies }, (_, study) => differ(study, detectable)).filter(
      ({ low }) => low > 0,
    );
    expect(Math.abs(seen.length / studies - 0.8)).toBeLessThan(0.06);
  });

  it('is finite around the mean for any answers of two models, and mirrors when they are exchanged', () => {
    const answers = fc.integer({ min: 1, max: 4 }).chain((seeds) =>
      fc.integer({ min: 2, max: 9 }).chain((images) =>
        fc.record({
          seeds: fc.constant(seeds),
          images: fc.constant(images),
          values: fc.array(fc.constantFrom(-1, 0, 1), {
            minLength: seeds * images,
            maxLength: seeds * images,
          }),
        }),
      ),
    );
    fc.assert(
      fc.property(answers, (differences) => {
        const { difference, low, high, detectable } = comparePaired(differences);
        expect([low, high, detectable].every(Number.isFinite)).toBe(true);
        expect(low <= difference && difference <= high && detectable >= 0).toBe(true);
        const mirrored = comparePaired({ ...differences, values: differences.values.map((value) => -value) });
        expect(mirrored.low).toBeCloseTo(-high, 9);
        expect(mirrored.high).toBeCloseTo(-low, 9);
      }),
    );
  });

  it('refuses what is no layout', () => {
    expect(() => comparePaired({ values: [1, 0], seeds: 2, images: 1 })).toThrow('got 2 values of 2 × 1');
    expect(() => comparePaired({ values: [], seeds: 1, images: 2 })).toThrow('got 0 values of 1 × 2');
  });
});
