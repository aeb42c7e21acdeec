import type { RunView } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { comparisonTable } from './comparison-table.js';

const run = (stages: Record<string, Record<string, unknown>>): Pick<RunView, 'stages'> => ({
  stages: Object.fromEntries(
    Object.entries(stages).map(([name, summary]) => [
      name,
      { kind: 'evaluate', pool: 'default', needs: [], state: 'succeeded', summary },
    ]),
  ),
});

describe('a run beside its ablation', () => {
  it('shows the figures that are others, with their difference', () => {
    const judged = (accuracy: number) => ({ conditions: [{ accuracy, images: 932 }] });
    const table = comparisonTable(
      run({ judge: judged(0.5), gone: { steps: 3 }, same: { steps: 1 } }),
      run({ judge: judged(0.375), same: { steps: 1 } }),
    );
    expect(table).toEqual([
      'figure                       run      ablation  difference',
      'judge conditions.0.accuracy  0.50000  0.37500   -0.12500',
    ]);
  });

  it('leaves out what is no figure of its own: bounds of intervals, and sizes of files', () => {
    const judged = (accuracy: number) => ({
      conditions: [{ accuracy, low: accuracy - 0.1, high: accuracy + 0.1 }],
    });
    const table = comparisonTable(
      run({ judge: judged(0.5), report: { bytes: 100 } }),
      run({ judge: judged(0.25), report: { bytes: 90 } }),
    );
    expect(table.slice(1)).toEqual(['judge conditions.0.accuracy  0.50000  0.25000   -0.25000']);
  });

  it('says that nothing is another when it is so', () => {
    expect(comparisonTable(run({ a: { loss: NaN } }), run({ a: { loss: NaN } }))).toEqual([
      'no figure that both runs have is another',
    ]);
  });
});
