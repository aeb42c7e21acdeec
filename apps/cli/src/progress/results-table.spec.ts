import type { RunView } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { resultsTable } from './results-table.js';

const figures = { images: 932, correct: 400, accuracy: 0.4292, low: 0.3978, high: 0.4612 };
const stage = (summary: Record<string, unknown>, needs: string[] = []): RunView['stages'][string] => ({
  kind: 'evaluate',
  pool: 'default',
  needs,
  state: 'succeeded',
  summary,
});

describe('the table of results', () => {
  it('has a row for each evaluation and a column for each condition that any of them measured', () => {
    const pgd = { kind: 'pgd', epsilon: 2 / 255, stepSize: 0.5 / 255, steps: 10, restarts: 1 };
    const table = resultsTable({
      stages: {
        after: stage(
          {
            conditions: [
              { condition: { kind: 'clean' }, ...figures },
              { condition: pgd, ...figures },
            ],
          },
          ['x'],
        ),
        before: stage({ conditions: [{ condition: { kind: 'clean' }, ...figures }] }),
        train: stage({ steps: 3 }),
      },
    });
    expect(table).toEqual([
      '        clean                PGD 2/255, 10 steps',
      'before  42.9 % [39.8, 46.1]  -',
      'after   42.9 % [39.8, 46.1]  42.9 % [39.8, 46.1]',
    ]);
  });

  it('is empty for a run that evaluated nothing', () => {
    expect(resultsTable({ stages: { train: stage({ steps: 3 }) } })).toEqual([]);
  });
});
