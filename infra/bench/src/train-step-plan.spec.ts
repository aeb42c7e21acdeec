import { describe, expect, it } from 'vitest';
import { nameOf, planOf } from './train-step-plan.js';

describe('the plan of train-step', () => {
  it.each([true, false])('has at least five rounds (quick: %s)', (quick) => {
    expect(planOf(quick).rounds.rounds).toBeGreaterThanOrEqual(5);
  });

  it('judges every task on both models in its full form', () => {
    expect(planOf(false).judged.map(nameOf)).toHaveLength(8);
  });

  it('fills the table with batches of 8 to 256 on three sizes, small batches first', () => {
    const { table } = planOf(false);
    expect(table).toHaveLength(18);
    expect(table.slice(0, 6).map(({ batch }) => batch)).toEqual([8, 16, 32, 64, 128, 256]);
  });

  it('names what a side does to need less memory', () => {
    expect(planOf(false).memory.map(nameOf)).toEqual([
      'train-step.train.ti4.b64.micro16',
      'train-step.train.ti4.b64.recompute',
      'train-step.train.ti4.b64.micro16.recompute',
    ]);
  });
});
