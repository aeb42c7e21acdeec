/** Training over sizes and batches: which cells can be measured, told by those that were. */
import type { Figure } from './figure.js';
import { nameOf, type Comparison } from './train-step-plan.js';

export const TABLE = { rate: 'float32.table', memory: 'float32.table-memory' } as const;

/** Times that a side does a task for a cell beside its rounds: checks and warm-up. */
const TIMES_BEFORE = 6;

interface Limits {
  /** That both sides together may take. */
  readonly bytes: number;
  readonly seconds: number;
  readonly rounds: number;
}

/**
 * Why a cell is left out; undefined where it is measured. Memory and time grow with the batch at most in proportion, so the
 * nearest measured cell of the model bounds both; the smallest batch of a model is always tried.
 */
export function leftOut(
  cell: Comparison,
  measured: readonly Figure[],
  { bytes, seconds, rounds }: Limits,
): string | undefined {
  const sidesOf = (of: Comparison, suffix: string): number[] => {
    const found = measured.find(({ name }) => name === `${nameOf(of)}.${suffix}`);
    return found && found.peer !== null && found.peer > 0 ? [found.value, found.peer] : [];
  };
  const smaller = [8, 16, 32, 64, 128]
    .filter((batch) => batch < cell.batch)
    .map((batch) => ({ ...cell, batch }))
    .findLast((other) => sidesOf(other, TABLE.rate).length > 0);
  if (smaller === undefined) return undefined;
  const growth = cell.batch / smaller.batch;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const memory = growth * sum(sidesOf(smaller, TABLE.memory)) * 2 ** 20;
  if (memory > bytes)
    return `left out: up to ${gibibytes(memory)} GiB for both sides, and the machine has ${gibibytes(bytes)} left`;
  const once = sum(sidesOf(smaller, TABLE.rate).map((rate) => cell.batch / rate));
  const time = (rounds + TIMES_BEFORE) * once;
  return time > seconds ? `left out: takes about ${Math.round(time)} s, over ${seconds}` : undefined;
}

const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
