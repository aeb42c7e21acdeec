import { describe, expect, it } from 'vitest';
import { steadyRows } from './steady-rows.js';

interface Row {
  readonly id: string;
  readonly state: string;
}

const row = (id: string, state = 'old'): Row => ({ id, state });
const idOf = ({ id }: Row): string => id;
const last = new Map(['a', 'b', 'c'].map((id) => [id, row(id)]));

function steady(rows: readonly Row[], held: boolean, shown = ['a', 'b', 'c']) {
  const { rows: kept, fresh } = steadyRows(rows, { shown, held, idOf }, last);
  return { rows: kept.map(({ row: { id, state }, gone }) => `${id} ${state}${gone ? ' gone' : ''}`), fresh };
}

describe('a list that is held', () => {
  it('changes what its rows say, and lets nothing in above them', () => {
    expect(steady([row('new'), row('a', 'done'), row('b'), row('c')], true)).toEqual({
      rows: ['a done', 'b old', 'c old'],
      fresh: 1,
    });
  });

  it('keeps a row that fits no more where it was, marked', () => {
    expect(steady([row('a'), row('c')], true)).toEqual({ rows: ['a old', 'b old gone', 'c old'], fresh: 0 });
  });

  it('grows below', () => {
    expect(steady([row('a'), row('b'), row('c'), row('d')], true)).toEqual({
      rows: ['a old', 'b old', 'c old', 'd old'],
      fresh: 0,
    });
  });

  it('shows everything as it is when it is let go, and the first time', () => {
    const rows = [row('new'), row('a')];
    expect(steady(rows, false)).toEqual({ rows: ['new old', 'a old'], fresh: 0 });
    expect(steady(rows, true, [])).toEqual({ rows: ['new old', 'a old'], fresh: 0 });
  });
});
