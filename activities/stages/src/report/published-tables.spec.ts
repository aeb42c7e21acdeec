import { describe, expect, it } from 'vitest';
import { PUBLISHED } from './published-tables.js';

describe('the published tables', () => {
  it('have in every row as many values as columns', () => {
    for (const { columns, rows } of Object.values(PUBLISHED))
      for (const { values } of rows) expect(values).toHaveLength(columns.length);
  });

  it('have in the main one the printed averages: means of the columns, corruption errors counted from 100', () => {
    const { columns, rows } = PUBLISHED['nullspace-main'];
    const averages = rows.map(({ method, values }) => {
      const scores = columns.flatMap(({ lowerIsBetter }, at) => {
        const value = values[at] ?? NaN;
        return at === columns.length - 1 ? [] : [lowerIsBetter ? 100 - value : value];
      });
      expect(scores).toHaveLength(11);
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      expect(Math.abs(mean - (values.at(-1) ?? NaN)), method).toBeLessThanOrEqual(0.01);
      return values.at(-1);
    });
    expect(averages).toEqual([26.54, 34.45, 34.01, 39.39, 43.41, 43.61]);
  });

  it('hold the same figures where two of them show one row', () => {
    const row = (table: keyof typeof PUBLISHED, method: string): readonly (number | null)[] | undefined =>
      PUBLISHED[table].rows.find((each) => each.method === method)?.values;
    expect(row('nullspace-tolerance', 'NS, ε .03')).toEqual(row('nullspace-adversarial-training', 'NS'));
    expect(row('nullspace-early-stop', 'with')).toEqual(row('nullspace-adversarial-training', 'NS'));
  });
});
