import type { StoredEvent } from '../api/types.js';

/** One measured quantity of one stage. Equally long lists; `y` may hold what is no number. */
export interface Series {
  readonly stage: string;
  readonly metric: string;
  readonly x: number[];
  readonly y: number[];
}

/** Fields of a history's rows that count or name, and are no curves. */
const COUNTS = new Set(['step', 'epoch', 'round', 'images', 'depth', 'synthesisSteps', 'lossScale']);

/** The curves in a `history` artifact: one row of JSON a line, the first of which says where it comes from. */
export function seriesOfHistory(stage: string, text: string): readonly Series[] {
  const found = new Map<string, Series>();
  for (const line of text.split('\n')) {
    const row = rowOf(line);
    if (!row || row.event === 'stage') continue;
    const x = row.event === 'round' ? row.round : row.step;
    if (typeof x !== 'number') continue;
    for (const [field, value] of Object.entries(row)) {
      if (typeof value !== 'number' || COUNTS.has(field)) continue;
      const metric = row.event === 'step' ? field : `${String(row.event)} ${field}`;
      add(found, { stage, metric }, [x, value]);
    }
  }
  return [...found.values()];
}

function rowOf(line: string): Record<string, unknown> | undefined {
  if (line.trim() === '') return undefined;
  try {
    const row: unknown = JSON.parse(line);
    return row !== null && typeof row === 'object' && !Array.isArray(row)
      ? (row as Record<string, unknown>)
      : undefined;
  } catch {
    // A line that was torn by a kill has no value.
    return undefined;
  }
}

function add(
  found: Map<string, Series>,
  { stage, metric }: Pick<Series, 'stage' | 'metric'>,
  [x, y]: readonly [number, number],
): void {
  const key = `${stage}\n${metric}`;
  const series = found.get(key) ?? { stage, metric, x: [], y: [] };
  found.set(key, series);
  // After a resume steps are told again: what was told first is replaced, as it was in the training.
  while (series.x.length > 0 && (series.x.at(-1) ?? 0) >= x) {
    series.x.pop();
    series.y.pop();
  }
  series.x.push(x);
  series.y.push(y);
}

/** Curves of stages that run, from what they report. */
export class LiveCurves {
  private readonly found = new Map<string, Series>();

  take({ event }: StoredEvent): boolean {
    if (event.type !== 'progress' || event.stage.includes('.')) return false;
    const { step, metrics, phase } = event.progress;
    for (const [metric, value] of Object.entries(metrics))
      // A stage may count its steps anew in every phase.
      add(this.found, { stage: event.stage, metric: phase === 'train' ? metric : `${phase} ${metric}` }, [
        step,
        value,
      ]);
    return Object.keys(metrics).length > 0;
  }

  series(): readonly Series[] {
    return [...this.found.values()];
  }
}

export interface Thinned {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Points that are no finite number. */
  readonly notNumbers: number;
}

/**
 * At most two points for each of so many buckets: the least and the largest in it, in their order, so that no spike is lost.
 * Points that are no finite number become gaps and are counted.
 */
export function thin({ x, y }: Pick<Series, 'x' | 'y'>, buckets: number): Thinned {
  const notNumbers = y.filter((value) => !Number.isFinite(value)).length;
  const shown = (value: number | undefined): number | null =>
    value === undefined || !Number.isFinite(value) ? null : value;
  if (x.length <= 2 * buckets) return { x, y: y.map(shown), notNumbers };
  const thinX: number[] = [];
  const thinY: (number | null)[] = [];
  const size = x.length / buckets;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor(bucket * size);
    const to = Math.floor((bucket + 1) * size);
    let least = -1;
    let most = -1;
    for (let at = from; at < to; at += 1) {
      const value = shown(y[at]);
      if (value === null) continue;
      if (least < 0 || value < (y[least] ?? 0)) least = at;
      if (most < 0 || value > (y[most] ?? 0)) most = at;
    }
    const kept = least < 0 ? [from] : [...new Set([least, most])].sort((a, b) => a - b);
    for (const at of kept) {
      thinX.push(x[at] ?? 0);
      thinY.push(shown(y[at]));
    }
  }
  return { x: thinX, y: thinY, notNumbers };
}
