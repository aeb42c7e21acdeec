import { describe, expect, it } from 'vitest';
import { editSpec, issuesOf, lineOf, readSpec } from './spec-document.js';

const TEXT = `# A comment that stays.
version: 1
name: first

stages:
  train:   # the long one
    kind: train
    params: { epochs: 2, batchSize: 64 }
  judge:
    kind: evaluate
`;

describe('the text of a pipeline', () => {
  it('keeps comments and order when a value is changed', () => {
    const text = editSpec(readSpec(TEXT), ['stages', 'train', 'params', 'epochs'], 90);
    expect(text).toBe(TEXT.replace('epochs: 2', 'epochs: 90'));
  });

  it('gets what is not there yet, with all that stands above it', () => {
    const text = editSpec(readSpec(TEXT), ['stages', 'judge', 'params', 'test', 'limit'], 10);
    expect(readSpec(text).document.toJS()).toMatchObject({
      stages: { judge: { kind: 'evaluate', params: { test: { limit: 10 } } } },
    });
    expect(text).toContain('# the long one');
  });

  it('loses what is taken away, and only that', () => {
    const text = editSpec(readSpec(TEXT), ['stages', 'train', 'params', 'epochs'], undefined);
    expect(readSpec(text).document.toJS()).toMatchObject({
      stages: { train: { params: { batchSize: 64 } } },
    });
    expect(text).not.toContain('epochs');
  });

  it('says on which line it stops being YAML', () => {
    expect(readSpec('version: 1\nname: [x\nstages: {}\n').broken?.line).toBeGreaterThan(1);
    expect(readSpec(TEXT).broken).toBeUndefined();
  });

  it('knows the line of a field, and of what stands above one that is missing', () => {
    const spec = readSpec(TEXT);
    expect(lineOf(spec, ['stages', 'train', 'params', 'epochs'])).toBe(8);
    expect(lineOf(spec, ['stages', 'judge', 'params', 'epochs'])).toBe(9);
    expect(lineOf(spec, ['nowhere'])).toBeUndefined();
  });
});

describe('what the API refuses', () => {
  it('is told field by field, each with its line', () => {
    const actual =
      'stages.train.params.epochs: expected at most 10000, got 99999\nstages.judge.inputs: expected a model, got nothing';
    expect(issuesOf(readSpec(TEXT), { message: 'x', actual, where: 'stages.train.params.epochs' })).toEqual([
      { field: 'stages.train.params.epochs', message: 'expected at most 10000, got 99999', line: 8 },
      { field: 'stages.judge.inputs', message: 'expected a model, got nothing', line: 9 },
    ]);
  });

  it('is told as a whole when it names no fields', () => {
    const refused = { message: 'It is too long.', where: 'stages', expected: 'less', actual: 'more' };
    expect(issuesOf(readSpec(TEXT), refused)).toEqual([
      { field: 'stages', message: 'It is too long: expected less, got more', line: 5 },
    ]);
    expect(issuesOf(readSpec('a'), { message: 'No.', where: 'body, line 2, column 9' })).toEqual([
      { field: 'body, line 2, column 9', message: 'No.', line: 2 },
    ]);
  });
});
