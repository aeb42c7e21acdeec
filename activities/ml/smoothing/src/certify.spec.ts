/** T9 to T12 of the method's tests: counts, radii, p-values, and classifiers whose true radius is known. */
import { normal, uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { certify, largestRadius, predict, topClass } from './certify.js';
import { lowerBound } from './clopper-pearson.js';
import { abstainsEarly } from './early-abstention.js';
import { normalCdf, normalQuantile } from './normal-distribution.js';

const alpha = 0.001;

describe('a certificate', () => {
  it.each([
    [100, 100, 0.9332543008],
    [99, 100, 0.9113731113],
    [90, 100, 0.7753298802],
    [60, 100, 0.4409842652],
    [990, 1000, 0.9760361872],
    [800, 1000, 0.7584503448],
    [1000, 1000, 0.9931160484],
    [9900, 10000, 0.9865311593],
    [99000, 100000, 0.9889893404],
    [100000, 100000, 0.9999309248],
    [10, 10, 0.7411344491, 0.05],
    [7, 10, 0.3933757839, 0.05],
  ])('of %i in %i draws has the bound %f', (hits, draws, bound, at = alpha) => {
    expect(lowerBound({ hits, draws }, at)).toBeCloseTo(bound, 9);
  });

  it.each([
    [0.75, 0.6744897502],
    [0.8, 0.8416212336],
    [0.9, 1.2815515655],
    [0.95, 1.644853627],
    [0.99, 2.326347874],
    [0.999, 3.0902323062],
    [0.9999, 3.7190164855],
  ])('at probability %f is %f σ wide', (probability, width) => {
    expect(normalQuantile(probability)).toBeCloseTo(width, 9);
  });

  it.each([
    [990, 1000, 0.5, 0.98900479],
    [90, 100, 0.5, 0.37825771],
    [99000, 100000, 0.25, 0.57249999],
  ])('of %i in %i draws with σ %f has the radius %f', (hits, draws, sigma, radius) => {
    expect(certify(1, [draws - hits, hits], { sigma, alpha })).toMatchObject({
      outcome: 'certified',
      label: 1,
      radius: expect.closeTo(radius, 7) as number,
    });
  });

  it('is not given without a certain majority', () => {
    expect(certify(0, [60, 40], { sigma: 0.5, alpha })).toEqual({ outcome: 'abstained' });
    expect(certify(2, [60, 40], { sigma: 0.5, alpha })).toEqual({ outcome: 'abstained' });
  });

  it.each([
    [100, 1.50048],
    [1000, 2.46326],
    [10_000, 3.1986],
    [100_000, 3.81146],
  ])('of %i draws reaches at most %f σ', (draws, largest) => {
    expect(largestRadius(draws, { sigma: 1, alpha })).toBeCloseTo(largest, 4);
    expect(certify(0, [draws], { sigma: 2, alpha })).toMatchObject({
      radius: expect.closeTo(2 * largest, 4) as number,
    });
  });
});

describe('a prediction', () => {
  it.each([
    [[60, 40], 0.0568879, undefined],
    [[66, 34], 0.00178993, undefined],
    [[67, 33], 0.00087374, 0],
    [[0, 10], 0.001953125, undefined],
    [[0, 11, 0], 0.000976563, 1],
  ])('of counts %j has the p-value %f', (counts, pValue, label) => {
    const prediction = predict(counts, alpha);
    expect(prediction.pValue).toBeCloseTo(pValue, 7);
    expect(prediction.label).toBe(label);
  });

  it('of one class, and of no draw at all, is still one', () => {
    expect(predict([20], alpha)).toEqual({ label: 0, pValue: expect.any(Number) as number });
    expect(predict([0, 0], alpha)).toEqual({ label: undefined, pValue: 1 });
    expect(topClass([1, 3, 3])).toBe(1);
  });
});

/** Counts of a classifier on the line under noise: class 1 right of 0. */
function countsAt(distance: number, sigma: number, key: { step: number; draws: number }): [number, number] {
  const noise = normal({ seed: 5, purpose: 90, step: key.step }, key.draws);
  const right = noise.reduce((sum, z) => sum + (distance + sigma * z > 0 ? 1 : 0), 0);
  return [key.draws - right, right];
}

describe('a linear classifier, whose margin is its radius', () => {
  it.each([0.5, 1, 2])(
    'has the probability Φ(1.8 / σ), and never more than its margin certified at σ %f',
    (sigma) => {
      // sign(3x + 4y − 1) at (2, 1): distance 1.8.
      expect(normalCdf(1.8 / sigma)).toBeCloseTo(
        { 0.5: 0.9998408914, 1: 0.9640696809, 2: 0.8159398747 }[sigma] ?? NaN,
        9,
      );
      const repeats = 300;
      const radii = Array.from({ length: repeats }, (_, step) => {
        const certificate = certify(1, countsAt(1.8, sigma, { step, draws: 1000 }), { sigma, alpha: 0.05 });
        return certificate.outcome === 'certified' ? certificate.radius : 0;
      });
      // 300 trials that each fail with at most 0.05: more than 31 of them would be a one-in-a-thousand event.
      expect(radii.filter((radius) => radius > 1.8).length).toBeLessThanOrEqual(31);
      const mean = radii.reduce((sum, radius) => sum + radius, 0) / repeats;
      expect(mean).toBeGreaterThan(0.85 * Math.min(1.8, largestRadius(1000, { sigma, alpha: 0.05 })));
    },
  );

  it('is beaten by none of 10,000 attacks inside its certified radius', () => {
    const [w, b] = [[3, 4], -1] as const;
    const certificate = certify(1, countsAt(1.8, 1, { step: 999, draws: 10_000 }), { sigma: 1, alpha });
    const radius = certificate.outcome === 'certified' ? certificate.radius : 0;
    expect(radius).toBeGreaterThan(1.5);
    const angles = uniform({ seed: 6, purpose: 90 }, 10_000);
    const broken = angles.filter((turn) => {
      const [x, y] = [2 + radius * Math.cos(2 * Math.PI * turn), 1 + radius * Math.sin(2 * Math.PI * turn)];
      // The smoothed classifier's probability is Φ(distance / σ): its class is the side of the line.
      return normalCdf((w[0] * x + w[1] * y + b) / 5) <= 0.5;
    });
    expect(broken.length).toBe(0);
    // Straight at the line, which is the strongest attack there is.
    expect(1.8 - radius).toBeGreaterThan(0);
  });
});

describe('abstaining early', () => {
  const rule = { draws: 1000, alpha };

  it('without a risk happens only where the whole certification would abstain', () => {
    for (let hits = 0; hits <= 200; hits++) {
      const early = abstainsEarly({ hits, done: 500 }, rule);
      const best = certify(0, [hits + 500, 500 - hits], { sigma: 1, alpha });
      expect(early).toBe(best.outcome === 'abstained');
    }
    expect(abstainsEarly({ hits: 0, done: 0 }, rule)).toBe(false);
  });

  it('with a risk gives up sooner, and never a class that is ahead', () => {
    expect(abstainsEarly({ hits: 20, done: 100 }, rule)).toBe(false);
    expect(abstainsEarly({ hits: 20, done: 100 }, { ...rule, risk: 0.001 })).toBe(true);
    expect(abstainsEarly({ hits: 51, done: 100 }, { ...rule, risk: 0.001 })).toBe(false);
  });
});
