import { describe, expect, it } from 'vitest';
import golden from './calibration.golden.json' with { type: 'json' };
import { calibrationOf } from './calibration.js';

const { labels, classes, tolerance } = golden;
const given = { logits: Float32Array.from(golden.logits), labels, classes };

describe('calibration', () => {
  it('is as torchmetrics and PyTorch have it', () => {
    const found = calibrationOf(given);
    const near = (value: number): unknown => expect.closeTo(value, -Math.log10(tolerance));
    expect(found).toMatchObject({
      expectedError: near(golden.ece),
      largestError: near(golden.mce),
      brier: { mean: near(golden.brier) },
      logLoss: { mean: near(golden.nll) },
      topFive: near(golden.top5),
    });
    expect(found?.bins.reduce((sum, { images }) => sum + images, 0)).toBe(labels.length);
  });

  it('has intervals around its means', () => {
    const { brier, logLoss } = calibrationOf(given) ?? {};
    for (const score of [brier, logLoss]) {
      expect(score?.low).toBeLessThan(score?.mean ?? NaN);
      expect(score?.high).toBeGreaterThan(score?.mean ?? NaN);
    }
  });

  it('is perfect for certainty that is right, and as wrong as can be for certainty that is not', () => {
    const certain = Float32Array.of(1000, 0, 0, 1000);
    expect(calibrationOf({ logits: certain, labels: [0, 1], classes: 2 })).toMatchObject({
      expectedError: 0,
      brier: { mean: 0 },
    });
    expect(calibrationOf({ logits: certain, labels: [1, 0], classes: 2 })).toMatchObject({
      expectedError: 1,
      brier: { mean: 2 },
    });
  });

  it('takes classes that cannot be for what they are, and says nothing of rows that are no distribution', () => {
    const among = Float32Array.of(1, 1, -Infinity);
    expect(calibrationOf({ logits: among, labels: [0], classes: 3 })?.brier.mean).toBe(0.5);
    expect(calibrationOf({ logits: among, labels: [2], classes: 3 })).toBeUndefined();
    expect(calibrationOf({ logits: Float32Array.of(NaN, 1), labels: [0], classes: 2 })).toBeUndefined();
  });
});
