import { conditionSchema, type Condition } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { maskingChecks } from './masking.js';

const result = (condition: object, correct: number) => ({
  condition: conditionSchema.parse(condition) satisfies Condition,
  ...{ images: 100, correct, accuracy: correct / 100, low: 0, high: 1 },
});
const pgd = (epsilon: number, correct: number) =>
  result({ kind: 'pgd', epsilon, stepSize: epsilon / 4, steps: 10 }, correct);
const fgsm = (epsilon: number, correct: number) => result({ kind: 'fgsm', epsilon }, correct);
const square = (epsilon: number, correct: number) =>
  result({ kind: 'autoattack', epsilon, attacks: ['square'] }, correct);

const failed = (results: Parameters<typeof maskingChecks>[0]): string[] =>
  maskingChecks(results).flatMap(({ check, holds }) => (holds ? [] : [check]));

describe('signs of masked gradients', () => {
  it('are none where attacks behave as they should', () => {
    const results = [fgsm(0.1, 40), pgd(0.1, 30), square(0.1, 45), pgd(0.2, 10), pgd(1, 0)];
    expect(failed(results)).toEqual([]);
    expect(new Set(maskingChecks(results).map(({ check }) => check))).toEqual(
      new Set(['unbounded', 'black-box', 'one-step', 'budget']),
    );
  });

  it.each([
    ['an attack without bound that leaves images right', 'unbounded', [pgd(1, 2)]],
    ['answers alone that do better than gradients', 'black-box', [pgd(0.1, 30), square(0.1, 20)]],
    ['one step that does better than many', 'one-step', [fgsm(0.1, 20), pgd(0.1, 30)]],
    ['more budget that does less', 'budget', [pgd(0.1, 30), pgd(0.2, 40)]],
  ])('are %s', (_, check, results) => {
    expect(failed(results)).toEqual([check]);
  });

  it('are not looked for among conditions that do not say them', () => {
    expect(maskingChecks([result({ kind: 'clean' }, 90), fgsm(1, 50), pgd(0.2, 30)])).toEqual([]);
  });
});
