import { describe, expect, it } from 'vitest';
import { figure, type Figure } from './figure.js';
import type { Comparison } from './train-step-plan.js';
import { leftOut } from './train-step-table.js';

const cell = (batch: number): Comparison => ({ task: 'train', model: 's4', batch });

/** A cell of so many images a second and MiB on each side. */
const measured = (batch: number, rate: number, mebibytes: number): Figure[] => [
  figure(`train-step.train.s4.b${batch}.float32.table`, rate, { unit: 'images/s', spread: 0, peer: rate }),
  figure(`train-step.train.s4.b${batch}.float32.table-memory`, mebibytes, {
    ...{ unit: 'MiB', spread: 0, peer: mebibytes },
  }),
];

const plenty = { bytes: 2 ** 40, seconds: 1e6, rounds: 7 };

describe('a cell of the table', () => {
  it('is tried when nothing is known of its model', () => {
    expect(leftOut(cell(8), [], { bytes: 0, seconds: 0, rounds: 7 })).toBeUndefined();
  });

  it('is measured when memory and time suffice', () => {
    expect(leftOut(cell(16), measured(8, 10, 1024), plenty)).toBeUndefined();
  });

  it('is left out for memory that both sides may need together, and says how much', () => {
    const why = leftOut(cell(16), measured(8, 10, 1024), { ...plenty, bytes: 4 * 2 ** 30 - 1 });
    expect(why).toBe('left out: up to 4.0 GiB for both sides, and the machine has 4.0 left');
  });

  it('is left out for the time of all its rounds and what goes before them', () => {
    // 16 images at 10 a second on both sides: 3.2 s, thirteen times.
    expect(leftOut(cell(16), measured(8, 10, 1), { ...plenty, seconds: 42 })).toBeUndefined();
    expect(leftOut(cell(16), measured(8, 10, 1), { ...plenty, seconds: 41 })).toBe(
      'left out: takes about 42 s, over 41',
    );
  });

  it('is judged by the nearest smaller cell that was measured, not by one that was left out', () => {
    const none = figure('train-step.train.s4.b16.float32.table', 0, { unit: 'left out', spread: 0 });
    const why = leftOut(cell(32), [...measured(8, 10, 1024), none], { ...plenty, bytes: 8 * 2 ** 30 - 1 });
    expect(why).toContain('up to 8.0 GiB');
  });
});
