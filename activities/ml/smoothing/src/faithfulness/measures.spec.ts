/** T22 and T23 of the method's tests, and what follows from definitions. */
import { describe, expect, it } from 'vitest';
import { enlarged, PERTURBED_SHARES, perturbedImages } from './perturbation-test.js';
import { averagePrecision, segmentationCounts, segmentationScores } from './segmentation.js';

describe('the perturbation test', () => {
  it('blackens the highest pixels of every channel first, or the lowest', () => {
    const map = Float32Array.from({ length: 100 }, (_, i) => i);
    const pixels = new Float32Array(200).fill(1);
    const [first] = perturbedImages(pixels, map, 'positive');
    expect([...(first ?? [])].flatMap((value, i) => (value === 0 ? [i] : []))).toEqual([
      ...Array.from({ length: 10 }, (_, i) => 90 + i),
      ...Array.from({ length: 10 }, (_, i) => 190 + i),
    ]);
    const negative = perturbedImages(pixels, map, 'negative');
    expect([...(negative[0] ?? [])].slice(0, 10)).toEqual(new Array(10).fill(0));
    expect(negative.map((image) => image.filter((value) => value === 0).length / 2)).toEqual(
      PERTURBED_SHARES.map((share) => Math.round(100 * share)),
    );
    expect(pixels.every((value) => value === 1)).toBe(true);
  });

  it('enlarges maps as PyTorch does, and leaves those of the size they ought to have', () => {
    // torch.nn.functional.interpolate([[0, 1], [2, 3]], scale_factor=2, mode='bilinear').
    const expected = [0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3];
    expect([...enlarged([0, 1, 2, 3], 4)]).toEqual(expected);
    expect([...enlarged([4, 3, 2, 1], 2)]).toEqual([4, 3, 2, 1]);
  });
});

describe('segmentation', () => {
  it('of the known map has its known scores', () => {
    const counts = segmentationCounts([1, 0.2, 0.6, 0], [1, 0, 0, 0]);
    const scores = segmentationScores([counts]);
    expect(scores.pixelAccuracy).toBeCloseTo(0.75, 12);
    expect(counts.intersections[1] / counts.unions[1]).toBeCloseTo(0.5, 12);
    expect(counts.intersections[0] / counts.unions[0]).toBeCloseTo(2 / 3, 12);
    expect(scores.meanIntersectionOverUnion).toBeCloseTo(0.583333, 5);
    expect(scores.meanAveragePrecision).toBeCloseTo(0.95, 12);
  });

  it('of a perfect map is all one, and pixels without a label do not count', () => {
    const scores = segmentationScores([segmentationCounts([9, 0, 0, 5], [1, 0, 0, 255])]);
    expect(scores).toEqual({ pixelAccuracy: 1, meanIntersectionOverUnion: 1, meanAveragePrecision: 1 });
  });

  it('adds up over images before it divides, but for the precision', () => {
    const [good, bad] = [segmentationCounts([1, 0], [1, 0]), segmentationCounts([1, 0, 0, 0], [0, 1, 1, 1])];
    const scores = segmentationScores([good, bad]);
    expect(scores.pixelAccuracy).toBeCloseTo(2 / 6, 12);
    expect(scores.meanAveragePrecision).toBeCloseTo((1 + bad.averagePrecision) / 2, 12);
  });

  it('says something of every map, even of one that is the same everywhere', () => {
    expect(segmentationCounts([2, 2, 2, 2], [1, 0, 0, 0])).toMatchObject({ right: 3, labelled: 4 });
    expect(averagePrecision([])).toBe(0);
    expect(averagePrecision([{ score: 1, hit: false }])).toBe(0);
    // Tied scores are one threshold: precision is the share of hits.
    expect(averagePrecision([1, 1, 1, 1].map((score, i) => ({ score, hit: i === 3 })))).toBe(0.25);
  });
});
