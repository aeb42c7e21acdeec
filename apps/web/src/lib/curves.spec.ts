import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../api/types.js';
import { LiveCurves, seriesOfHistory, thin } from './curves.js';

describe('the curves of a history', () => {
  const rows = [
    { event: 'stage', seed: 1 },
    { event: 'step', step: 1, epoch: 0.5, loss: 2, learningRate: 0.1 },
    { event: 'evaluation', step: 1, epoch: 1, accuracy: 0.4, images: 10 },
    { event: 'step', step: 2, epoch: 1, loss: 1, learningRate: 0.2 },
    { event: 'round', round: 1, norm: 3 },
  ];
  const text = rows.map((row) => JSON.stringify(row)).join('\n');

  it('are its measured fields by step, without what only counts', () => {
    expect(seriesOfHistory('train', text)).toEqual([
      { stage: 'train', metric: 'loss', x: [1, 2], y: [2, 1] },
      { stage: 'train', metric: 'learningRate', x: [1, 2], y: [0.1, 0.2] },
      { stage: 'train', metric: 'evaluation accuracy', x: [1], y: [0.4] },
      { stage: 'train', metric: 'round norm', x: [1], y: [3] },
    ]);
  });

  it('leave out lines that are torn or something else', () => {
    expect(seriesOfHistory('train', `${text}\n{"event":"step","st\n[1]\nnull\n7\n\n`)).toHaveLength(4);
  });

  it('go on where a resumed training went on', () => {
    const step = (at: number, loss: number): string => JSON.stringify({ event: 'step', step: at, loss });
    const [series] = seriesOfHistory(
      'train',
      [step(1, 5), step(2, 4), step(3, 3), step(2, 9), step(3, 8)].join('\n'),
    );
    expect(series).toMatchObject({ x: [1, 2, 3], y: [5, 9, 8] });
  });
});

describe('the curves of a stage that runs', () => {
  const progress = (step: number, phase: string, metrics: Record<string, number>): StoredEvent => ({
    sequence: step + 1,
    event: {
      type: 'progress',
      project: 'default',
      runId: 'a-run',
      stage: 'train',
      at: '2026-01-01T00:00:00.000Z',
      progress: { phase, step, total: 9, stepsPerSecond: 1, etaSeconds: null, metrics },
    },
  });

  it('grow with what it reports, each phase by itself', () => {
    const curves = new LiveCurves();
    expect(curves.take(progress(1, 'train', { loss: 2 }))).toBe(true);
    curves.take(progress(2, 'train', { loss: 1 }));
    curves.take(progress(1, 'pgd', { loss: 7 }));
    expect(curves.take(progress(3, 'train', {}))).toBe(false);
    expect(curves.series()).toEqual([
      { stage: 'train', metric: 'loss', x: [1, 2], y: [2, 1] },
      { stage: 'train', metric: 'pgd loss', x: [1], y: [7] },
    ]);
  });
});

describe('a thinned curve', () => {
  const values = fc.array(fc.double(), { maxLength: 400 });

  it('has the least and the largest of all points, in order, and counts what is no number', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (y, buckets) => {
        const x = y.map((_, index) => index);
        const thinned = thin({ x, y }, buckets);
        const finite = y.filter((value) => Number.isFinite(value));
        const shown = thinned.y.filter((value): value is number => value !== null);
        expect(thinned.notNumbers).toBe(y.length - finite.length);
        expect(thinned.x.length).toBeLessThanOrEqual(Math.max(2 * buckets, 0));
        expect([...thinned.x].sort((a, b) => a - b)).toEqual(thinned.x);
        if (finite.length === 0) expect(shown).toEqual([]);
        else {
          // Of zeros with either sign either one may be kept.
          expect(Math.min(...shown) + 0).toBe(Math.min(...finite) + 0);
          expect(Math.max(...shown) + 0).toBe(Math.max(...finite) + 0);
        }
      }),
    );
  });
});
