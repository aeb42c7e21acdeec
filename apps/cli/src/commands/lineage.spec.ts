import { describe, expect, it } from 'vitest';
import { lineageLines } from './lineage.js';

const step = {
  runId: 'run-1',
  stage: 'train',
  kind: 'train' as const,
  codeVersion: 'c'.repeat(64),
  seed: 7,
  inputs: [{ name: 'init', type: 'model' as const, sha256: 'a'.repeat(64) }],
  outputs: [{ name: 'model', type: 'model' as const, sha256: 'b'.repeat(64) }],
};

describe('the lineage of an artifact', () => {
  it('names every computation with what it read and what it made', () => {
    const lineage = {
      project: 'default',
      sha256: 'b'.repeat(64),
      upstream: [step],
      downstream: [],
      truncated: true,
    };
    expect(lineageLines(lineage)).toEqual([
      'b'.repeat(64),
      'Made by, nearest first:',
      `  run-1.train  train, seed 7, code ${'c'.repeat(12)}`,
      `    from init  model ${'a'.repeat(12)}`,
      `    made model  model ${'b'.repeat(12)}`,
      'What was made of it, nearest first: nothing',
      'There is more than is shown.',
    ]);
  });
});
