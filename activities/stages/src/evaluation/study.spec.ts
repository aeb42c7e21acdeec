import type { Condition } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { decodePredictions, encodePredictions, type Predictions } from './predictions-artifact.js';
import { studyOf, type LabelledPredictions, type StudyPlan } from './study.js';

const conditions: Condition[] = [
  { kind: 'clean' },
  { kind: 'corruption', corruption: 'fog', severity: 1, scale: 'cifar' },
  { kind: 'corruption', corruption: 'fog', severity: 2, scale: 'cifar' },
];
const IMAGES = 40;

/** Predictions of two classes; the images from `right` of a condition on are answered wrong. */
function predictions(right: readonly [number, number, number], over: Partial<Predictions> = {}): Predictions {
  const labels = Array.from({ length: IMAGES }, (_, image) => image % 2);
  const logits = right.map((count) =>
    Float32Array.from({ length: 2 * IMAGES }, (_, at) => {
      const [image, k] = [Math.floor(at / 2), at % 2];
      const said = image < count ? labels[image] : 1 - (labels[image] ?? 0);
      return k === said ? 1 : 0;
    }),
  );
  return { conditions, logits, distances: [], classes: 2, labels, datasetSha256: 'd', ...over };
}

const inputs = (more: readonly LabelledPredictions[] = []): LabelledPredictions[] => [
  { label: 'control-1', predictions: predictions([20, 10, 6]) },
  { label: 'control-2', predictions: predictions([22, 10, 6]) },
  { label: 'arm-1', predictions: predictions([30, 12, 4]) },
  { label: 'arm-2', predictions: predictions([34, 12, 4]) },
  ...more,
];

describe('a study', () => {
  it('compares every arm with the control under every condition, corruptions as their mean', () => {
    const { comparisons, seeds, images } = studyOf(inputs(), {});
    expect([seeds, images]).toEqual([[1, 2], IMAGES]);
    expect(comparisons.map(({ arm, against }) => [arm, against])).toEqual([['arm', 'control']]);
    const [clean, fog] = comparisons[0]?.rows ?? [];
    expect(clean?.condition).toBe('Clean images');
    expect(clean?.accuracy).toBeCloseTo(32 / 40, 12);
    expect(clean?.otherAccuracy).toBeCloseTo(21 / 40, 12);
    expect(clean?.comparison.difference).toBeCloseTo(11 / 40, 12);
    expect(clean?.tests.map(({ firstOnly, secondOnly }) => [firstOnly, secondOnly])).toEqual([
      [10, 0],
      [12, 0],
    ]);
    expect(fog?.condition).toBe('Corruptions, mean of 2');
    expect(fog?.comparison.difference).toBeCloseTo(0, 12);
    expect(fog?.tests).toEqual([]);
  });

  it('uses the seeds that all arms have', () => {
    const more = [{ label: 'arm-3', predictions: predictions([1, 1, 1]) }];
    expect(studyOf(inputs(more), {}).seeds).toEqual([1, 2]);
  });

  it('compares the pairs that are named, in their order, and says what each differs in', () => {
    const more = [1, 2].map((seed) => ({
      label: `other-${seed}`,
      predictions: predictions([30, 30, 30]),
    }));
    const pairs = [
      { arm: 'other', against: 'arm', differsIn: 'one thing' },
      { arm: 'arm', against: 'control', differsIn: 'another' },
    ];
    const { comparisons } = studyOf(inputs(more), { comparisons: pairs });
    expect(comparisons).toMatchObject(pairs);
    expect(comparisons[0]?.rows[0]?.comparison.difference).toBeCloseTo(-2 / 40, 12);
  });

  it.each<[string, LabelledPredictions[], StudyPlan, object]>([
    [
      'labels without a seed',
      inputs([{ label: 'arm', predictions: predictions([1, 1, 1]) }]),
      {},
      { where: 'inputs.study.arm' },
    ],
    [
      'a control that is no arm',
      inputs(),
      { control: 'plain' },
      { where: 'params.control', actual: 'plain' },
    ],
    [
      'a pair of which one is no arm',
      inputs(),
      { comparisons: [{ arm: 'arm', against: 'plain', differsIn: 'noise' }] },
      { where: 'params.comparisons.0.against', expected: 'one of control, arm', actual: 'plain' },
    ],
    [
      'other images',
      inputs([{ label: 'arm-4', predictions: predictions([1, 1, 1], { datasetSha256: 'e' }) }]),
      {},
      { where: 'inputs.study.arm-4' },
    ],
    [
      'no seed in common',
      inputs([{ label: 'late-9', predictions: predictions([1, 1, 1]) }]),
      {},
      { actual: 'none' },
    ],
  ])('refuses %s', (_, given, plan, details) => {
    expect(() => studyOf(given, plan)).toThrow(
      expect.objectContaining({ code: 'InvalidSpec', details: expect.objectContaining(details) }),
    );
  });
});

describe('the artifact of predictions', () => {
  it('comes back as it was', () => {
    const given = predictions([20, 10, 6]);
    expect(decodePredictions(encodePredictions(given), 'here')).toEqual(given);
  });
});
