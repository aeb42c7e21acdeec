import { stageJobSchema, type CacheParts, type StageJob } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheKeyText, recipeOf } from './cache-parts.js';
import { keyDifferences, nearest } from './explain-key.js';

const artifact = (digit: string) => ({
  type: 'model' as const,
  uri: `s3://bucket/${digit}`,
  sha256: digit.repeat(64),
  bytes: 1,
  mediaType: 'application/vnd.safetensors',
});

const job = (change: object = {}): StageJob =>
  stageJobSchema.parse({
    project: 'default',
    runId: 'run-1',
    stage: 'train',
    kind: 'train',
    pool: 'gpu',
    seed: 7,
    params: { epochs: 3, optimizer: { learningRate: 0.001 } },
    inputs: { init: artifact('a'), others: { one: artifact('b') } },
    resources: {},
    timeouts: {},
    codeVersion: 'code',
    ...change,
  });
const profile = {
  build: 'tf',
  device: 'cpu',
  threads: 2,
  precision: 'float32',
  execution: 'eager',
} as CacheParts['profile'];
const partsOf = (change: object = {}): CacheParts => ({ ...recipeOf(job(change)), profile });
const keyOf = (change: object = {}): string => cacheKeyText(partsOf(change));

describe('the key of a stage', () => {
  it.each([
    [{ runId: 'run-2' }],
    [{ stage: 'other' }],
    [{ pool: 'cpu' }],
    [{ resources: { devices: 4, memoryMegabytes: 100 } }],
    [{ timeouts: { attemptSeconds: 5 } }],
    [{ inputs: { init: { ...artifact('a'), uri: 's3://elsewhere/a' }, others: { one: artifact('b') } } }],
    [{ params: { optimizer: { learningRate: 0.001 }, epochs: 3 } }],
  ])('is not changed by %j', (change) => {
    expect(keyOf(change)).toBe(keyOf());
  });

  it.each([
    [{ project: 'birds' }],
    [{ kind: 'evaluate' }],
    [{ codeVersion: 'other' }],
    [{ seed: 8 }],
    [{ params: { epochs: 4, optimizer: { learningRate: 0.001 } } }],
    [{ inputs: { init: artifact('c'), others: { one: artifact('b') } } }],
    [{ inputs: { init: artifact('a'), others: { two: artifact('b') } } }],
    [{ inputs: { others: { one: artifact('b') } } }],
  ])('is changed by %j', (change) => {
    expect(keyOf(change)).not.toBe(keyOf());
  });

  it('is changed by any field of the numerics, whatever its name', () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()), (field, value) => {
        const other = { ...profile, [field]: value } as CacheParts['profile'];
        const same = JSON.stringify(Object.entries(other)) === JSON.stringify(Object.entries(profile));
        expect(cacheKeyText({ ...partsOf(), profile: other }) === keyOf()).toBe(same);
      }),
    );
  });
});

describe('the difference of two keys', () => {
  it('is told field by field, old and new', () => {
    const before = partsOf();
    const after = partsOf({
      codeVersion: 'other',
      params: { epochs: 4, optimizer: { learningRate: 0.001 }, flip: true },
      inputs: { init: artifact('c') },
    });
    expect(keyDifferences(before, after).map(({ text }) => text)).toEqual([
      'the code of the kind: was "code", is "other"',
      'the parameter epochs: was 3, is 4',
      'the parameter flip: was not there, is true',
      `the input init: was "${'a'.repeat(64)}", is "${'c'.repeat(64)}"`,
      `the input others.one: was "${'b'.repeat(64)}", is no longer there`,
    ]);
  });

  it('is empty exactly when the keys are equal', () => {
    const params = fc.dictionary(
      fc.string(),
      fc.oneof(fc.integer(), fc.dictionary(fc.string(), fc.string())),
    );
    fc.assert(
      fc.property(params, params, (one, other) => {
        const [a, b] = [partsOf({ params: one }), partsOf({ params: other })];
        if (cacheKeyText(a) === cacheKeyText(b)) expect(keyDifferences(a, b)).toEqual([]);
        else expect(keyDifferences(a, b).length).toBeGreaterThan(0);
      }),
    );
  });

  it('quotes a name that reads like a path, or like none', () => {
    const [before, after] = [partsOf({ params: {} }), partsOf({ params: { '': {}, 'a.b': 1, a: { b: 2 } } })];
    expect(keyDifferences(before, after).map(({ field }) => field)).toEqual(['', '""', '"a.b"', 'a.b']);
  });

  it('does not count what one side does not know', () => {
    expect(keyDifferences(partsOf(), recipeOf(job()))).toEqual([]);
  });

  it('is taken to the entry in which the fewest parts differ', () => {
    const far = { name: 'far', parts: partsOf({ codeVersion: 'x', seed: 1 }) };
    const near = { name: 'near', parts: partsOf({ params: { epochs: 1, a: 1, b: 2, c: 3 } }) };
    expect(nearest([far, near], partsOf())?.candidate.name).toBe('near');
    expect(nearest([], partsOf())).toBeUndefined();
  });
});
