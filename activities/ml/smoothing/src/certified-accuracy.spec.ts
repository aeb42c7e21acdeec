/** The raw logs are those that locuslab/smoothing (Cohen et al. 2019) publishes beside its tables: CIFAR-10, ResNet-110. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accuracyCorrection,
  certifiedAccuracy,
  certifiedAccuracyCurve,
  outerEnvelope,
} from './certified-accuracy.js';
import { CertificationLogError, formatCertificationLog, parseCertificationLog } from './certification-log.js';

const logOf = (sigma: string) =>
  parseCertificationLog(
    readFileSync(
      new URL(`../../../../infra/samples/certificates/cifar10-resnet110-sigma-${sigma}.tsv`, import.meta.url),
      'utf8',
    ),
  );

const RADII = [0.25, 0.5, 0.75, 1, 1.25, 1.5];

describe('published raw logs', () => {
  it.each([
    ['0.12', '0.59 0.00 0.00 0.00 0.00 0.00'],
    ['0.25', '0.60 0.43 0.27 0.00 0.00 0.00'],
    ['0.50', '0.55 0.41 0.32 0.23 0.15 0.09'],
    ['1.00', '0.39 0.34 0.28 0.22 0.17 0.14'],
  ])('analysed again give the published row of σ %s', (sigma, published) => {
    const examples = logOf(sigma);
    expect(examples).toHaveLength(500);
    expect(RADII.map((radius) => certifiedAccuracy(examples, radius).toFixed(2)).join(' ')).toBe(published);
    const curve = certifiedAccuracyCurve(examples);
    expect(curve[0]).toEqual([0, certifiedAccuracy(examples, 0)]);
    for (const [radius, accuracy] of curve)
      expect(accuracy).toBeCloseTo(certifiedAccuracy(examples, radius), 12);
  });

  it('have the best noise level at each radius', () => {
    const levels = ['0.12', '0.25', '0.50', '1.00'].map(logOf);
    expect(RADII.map((radius) => outerEnvelope(levels, radius).level)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('survive being written and read', () => {
    const examples = logOf('0.25');
    const further = [['draws', examples.map(() => '7')]] as const;
    expect(parseCertificationLog(formatCertificationLog(examples, further))).toEqual(examples);
  });
});

describe('a log that is none', () => {
  it('is refused by line', () => {
    expect(() => parseCertificationLog('')).toThrow(CertificationLogError);
    expect(() => parseCertificationLog('idx\tlabel\n')).toThrow('line 1: expected columns');
    expect(() => parseCertificationLog('idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\tx\t1\n')).toThrow(
      'line 2: expected a number in column radius, got "x"',
    );
  });
});

describe('accuracy over few examples', () => {
  it('is corrected for certificates that may be wrong', () => {
    expect(accuracyCorrection(500, 0.001, 0.001)).toBeCloseTo(0.00932, 4);
  });

  it('has a curve that falls at each radius once', () => {
    const at = (radius: number, correct = true) => ({ radius, correct });
    expect(certifiedAccuracyCurve([at(1), at(1), at(0), at(2, false), at(3)])).toEqual([
      [0, 0.8],
      [1, 0.6],
      [3, 0.2],
    ]);
  });
});
