import type { RunView } from '@vitrine/contracts';
import { alignColumns } from './results-table.js';
import { stagesInOrder } from './run-board.js';

const ROWS = 40;

/**
 * Every figure that stages of both runs have in their summaries and that is another in the ablation, with the difference.
 * Says so when there is none, and how many more there are than anybody reads.
 */
export function comparisonTable(run: Pick<RunView, 'stages'>, ablation: Pick<RunView, 'stages'>): string[] {
  const rows = stagesInOrder(ablation).flatMap(([stage, { summary }]) => {
    const before = new Map(figuresOf(run.stages[stage]?.summary));
    return figuresOf(summary).flatMap(([field, value]) => {
      const old = before.get(field);
      if (old === undefined || Object.is(old, value)) return [];
      return [[`${stage} ${field}`, show(old), show(value), signed(value - old)]];
    });
  });
  if (rows.length === 0) return ['no figure that both runs have is another'];
  const shown = alignColumns([['figure', 'run', 'ablation', 'difference'], ...rows.slice(0, ROWS)]);
  return rows.length > ROWS ? [...shown, `and ${rows.length - ROWS} more`] : shown;
}

/** Bounds of intervals move with the figure that they belong to, and sizes of files say nothing of a model. */
const NO_FIGURE = /(^|\.)(low|high|bytes)$/;

/** Numbers by their dotted path. */
function figuresOf(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return NO_FIGURE.test(path) ? [] : [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    figuresOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}

function signed(difference: number): string {
  return `${difference > 0 ? '+' : ''}${show(difference)}`;
}
