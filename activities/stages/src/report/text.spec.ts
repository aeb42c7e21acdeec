import { describe, expect, it } from 'vitest';
import { conditionName, formatBudget, formatNumber, formatPercent } from './text.js';

describe('numbers for readers', () => {
  it.each([
    [0, '0'],
    [3830, '3,830'],
    [2.0345, '2.03'],
    [0.00075, '0.00075'],
    [-0.5, '-0.5'],
    [9.787e-9, '9.8e−9'],
    [1e-5, '1e−5'],
    [123456789, '1.23e8'],
  ])('%d is written %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it('writes fractions as per cent and budgets in steps of eight-bit pixels', () => {
    expect(formatPercent(0.2755)).toBe('27.6 %');
    expect(formatBudget(2 / 255)).toBe('2/255');
    expect(formatBudget(0.5 / 255)).toBe('0.5/255');
    expect(formatBudget(0.1)).toBe('25.5/255');
    expect(formatBudget(0.0123)).toBe('0.0123');
    expect([0.00784, 0.00392, 0.03137].map(formatBudget)).toEqual(['2/255', '1/255', '8/255']);
  });

  it('names conditions in words', () => {
    expect(conditionName({ kind: 'gaussian', sigma: 0.1 })).toBe('Gaussian noise, σ 0.1');
    const pgd = { kind: 'pgd', epsilon: 2 / 255, stepSize: 0.5 / 255, steps: 10, restarts: 1 } as const;
    expect(conditionName(pgd)).toBe('PGD, ε 2/255, 10 steps');
    expect(conditionName({ ...pgd, restarts: 5 })).toBe('PGD, ε 2/255, 10 steps × 5');
  });
});
