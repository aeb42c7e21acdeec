import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallConfig, smallPixels } from '../testing/small-model.js';
import { keptOverlap, rankCorrelation, regionScores } from './agreement.js';
import { areaUnder, hidingCurve, hidingOrder, type CurveOptions, type Judge } from './curves.js';

const options: CurveOptions = {
  config: smallConfig,
  procedure: 'released',
  fill: 'noise',
  order: 'positive',
  seed: 4,
};
const pixels = smallPixels(1);
const map = Float32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5);

/** Answers class 0 with a probability that is a function of the share of pixels that are as they were. */
const judgeBy = (probability: (kept: number) => number): Judge => ({
  batchSize: 5,
  probabilities: (images) =>
    Float32Array.from({ length: (2 * images.length) / pixels.length }, (_, i) => {
      const image = images.subarray((i >> 1) * pixels.length, ((i >> 1) + 1) * pixels.length);
      const p = probability(image.filter((value, at) => value === pixels[at]).length / pixels.length);
      return i % 2 === 0 ? p : 1 - p;
    }),
});

describe('the curve of hidden pixels', () => {
  it('has the area of a constant as that constant, and of a falling line its mean', () => {
    expect(areaUnder(new Array<number>(9).fill(0.37), 'normalised')).toBeCloseTo(0.37, 12);
    expect(areaUnder([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], 'normalised')).toBeCloseTo(0.5, 12);
  });

  it('of a model that answers by the share it sees has 29 points and an area of 14', () => {
    const { probability } = hidingCurve(
      judgeBy((kept) => kept),
      { pixels, map },
      options,
    );
    expect(probability).toHaveLength(29);
    // 144 pixels do not divide into 28 shares: each point is off by half a pixel at most.
    expect(Math.abs(areaUnder(probability, 'released') - 14)).toBeLessThan(0.1);
  });

  it('of a model that always answers p is 28 p, and p when normalised', () => {
    const { probability, surprise } = hidingCurve(
      judgeBy(() => 0.75),
      { pixels, map },
      options,
    );
    expect(areaUnder(probability, 'released')).toBeCloseTo(28 * 0.75, 5);
    expect(areaUnder(surprise, 'released')).toBeCloseTo(-28 * Math.log(0.75), 5);
    const normalised = hidingCurve(
      judgeBy(() => 0.75),
      { pixels, map },
      { ...options, procedure: 'normalised' },
    );
    expect(normalised.probability).toHaveLength(10);
    expect(areaUnder(normalised.probability, 'normalised')).toBeCloseTo(0.75, 6);
  });

  it('begins and ends alike whichever is hidden first, and hides in opposite orders', () => {
    const judge: Judge = {
      batchSize: 3,
      probabilities: (images) =>
        Float32Array.from({ length: (2 * images.length) / pixels.length }, (_, i) =>
          i % 2 === 0 ? 0.6 + (images[(i >> 1) * pixels.length + 20] ?? 0) / 10 : 0.3,
        ),
    };
    const [first, second] = (['positive', 'negative'] as const).map(
      (order) => hidingCurve(judge, { pixels, map }, { ...options, order }).probability,
    );
    expect([first?.[0], first?.at(-1)]).toEqual([second?.[0], second?.at(-1)]);
    expect(hidingOrder(map, options).slice(0, 2)).toEqual([5, 7]);
    expect(hidingOrder(map, { ...options, order: 'negative' }).slice(-2)).toEqual([7, 5]);
  });

  it('of divergence begins at 0 and is the KL from the whole answer', () => {
    const judge = judgeBy((kept) => 0.25 + kept / 2);
    const { divergence } = hidingCurve(judge, { pixels, map }, { ...options, procedure: 'normalised' });
    expect(divergence[0]).toBe(0);
    expect(divergence.at(-1)).toBeCloseTo(0.75 * Math.log(3) - 0.25 * Math.log(3), 6);
    expect(divergence.every((value, i) => i === 0 || value > (divergence[i - 1] ?? 0))).toBe(true);
  });

  it('in fewer shares hides whole patches, and has both ends', () => {
    const judge = judgeBy((kept) => kept);
    const shown = { ...options, procedure: 'normalised', shares: 4 } as const;
    const { probability } = hidingCurve(judge, { pixels, map }, shown);
    expect(probability.map((p) => Math.round(p * 9))).toEqual([9, 7, 4, 2, 0]);
    const whole = hidingCurve(judge, { pixels, map }, { ...shown, shares: 50 });
    expect(whole.probability).toHaveLength(10);
  });

  it('breaks ties in an order of its own for every image, the same each time', () => {
    const flat = new Float32Array(9);
    expect(hidingOrder(flat, options, 1)).toEqual(hidingOrder(flat, options, 1));
    expect(hidingOrder(flat, options, 1)).not.toEqual(hidingOrder(flat, options, 2));
  });
});

describe('agreement', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 12 });

  it('of ranks is in [−1, 1], 1 with itself unless all values are equal, and does not see monotone changes', () => {
    fc.assert(
      fc.property(values, (a) => {
        const own = rankCorrelation(a, a);
        const isFlat = a.every((value) => value === a[0]);
        return isFlat
          ? own === 0
          : Math.abs(own - 1) < 1e-9 &&
              Math.abs(
                rankCorrelation(
                  a,
                  a.map((x) => -x),
                ) + 1,
              ) < 1e-9;
      }),
    );
    expect(rankCorrelation([1, 2, 3, 4], [1, 8, 27, 64])).toBe(1);
    expect(rankCorrelation([1, 2, 3], [1, 3, 2])).toBe(0.5);
  });

  it('of kept patches is their intersection over their union', () => {
    expect(keptOverlap([1, 1, 0, 0], [1, 0, 1, 0])).toBe(1 / 3);
    expect(keptOverlap([0, 0], [0, 0.5])).toBe(1);
  });

  it('with a region takes the largest value, and the map cut at its mean', () => {
    expect(regionScores([0.9, 0.8, 0.1, 0.2], [1, 1, 0, 0])).toEqual({ hit: true, accuracy: 1, iou: 1 });
    expect(regionScores([0.9, 0.1, 0.8, 0.2], [0, 1, 1, 0])).toEqual({
      hit: false,
      accuracy: 0.5,
      iou: 1 / 3,
    });
  });
});
