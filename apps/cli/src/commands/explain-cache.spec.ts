import type { CacheExplanation } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { explanationLines } from './explain-cache.js';

const explanation: CacheExplanation = {
  project: 'default',
  runId: 'run-2',
  stage: 'train',
  cache: { outcome: 'miss', key: 'a'.repeat(64), reason: 'there is no result under its key' },
  text: 'Stage train was computed: there is no result under its key.',
  nearest: {
    from: { runId: 'run-1', stage: 'train' },
    differences: [
      {
        part: 'params',
        field: 'epochs',
        before: '3',
        after: '4',
        text: 'the parameter epochs: was 3, is 4',
      },
    ],
  },
};

describe('an explanation', () => {
  it('names the nearest earlier result and every difference, old and new', () => {
    expect(explanationLines(explanation)).toEqual([
      'Stage train was computed: there is no result under its key.',
      `Key: ${'a'.repeat(64)}`,
      'Against the nearest earlier result, of run run-1, stage train:',
      '  the parameter epochs: was 3, is 4',
    ]);
  });

  it('says when there is nothing to compare with', () => {
    const { nearest: _nearest, ...alone } = explanation;
    expect(explanationLines(alone).at(-1)).toBe('There is no earlier result of this kind to compare with.');
  });

  it('compares nothing when a result was found', () => {
    const cache = { outcome: 'hit' as const, key: 'a'.repeat(64) };
    expect(explanationLines({ ...explanation, cache })).toHaveLength(2);
  });
});
