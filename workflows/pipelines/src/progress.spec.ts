import { parsePipelineSpec, runRecordSchema, runViewSchema, type StageJob } from '@vitrine/contracts';
import { planRun } from '@vitrine/planning';
import { describe, expect, it } from 'vitest';
import { applyChange, openRun, runRecord, runView, type RunChange } from './progress.js';
import { stageResult } from './testing/results.js';

const at = '2026-01-01T00:00:05.000Z';
const open = openRun(
  planRun({
    spec: parsePipelineSpec({
      version: 1,
      name: 'two',
      stages: {
        second: { kind: 'noop', inputs: { after: { first: 'first.done' } } },
        first: { kind: 'noop' },
      },
    }),
    runId: 'two-1',
    codeVersion: 'code',
    submittedAt: '2026-01-01T00:00:00.000Z',
  }),
);
const result = stageResult({ runId: 'two-1', stage: 'first' } as StageJob);
const error = { code: 'StageFailed', message: 'It broke.', hint: 'Read.' } as const;

const succeeded = (stage: string): RunChange => ({ type: 'succeeded', stage, at, result });
const failed = (stage: string): RunChange => ({ type: 'failed', stage, at, error });
const cancelled = (stage: string): RunChange => ({ type: 'cancelled', stage, at, error });
const skipped = (stage: string): RunChange => ({ type: 'skipped', stage, at });
const statusAfter = (changes: readonly RunChange[], cancelRequested = false) =>
  [...changes, { type: 'closed', at, cancelRequested } as const].reduce(applyChange, open).status;

describe('the progress of a run', () => {
  it('begins with all stages waiting, by name, with what they need', () => {
    const view = runView(open);
    expect(runViewSchema.parse(view)).toEqual(view);
    expect(Object.entries(view.stages)).toEqual([
      ['first', { kind: 'noop', pool: 'default', needs: [], state: 'waiting' }],
      ['second', { kind: 'noop', pool: 'default', needs: ['first'], state: 'waiting' }],
    ]);
  });

  it('keeps when a stage was handed to its pool, when its last attempt ran, and what came of it', () => {
    const queued = applyChange(open, { type: 'queued', stage: 'first', at: '2026-01-01T00:00:01.000Z' });
    expect(runView(applyChange(queued, succeeded('first'))).stages['first']).toEqual({
      kind: 'noop',
      pool: 'default',
      needs: [],
      state: 'succeeded',
      queuedAt: '2026-01-01T00:00:01.000Z',
      startedAt: result.startedAt,
      endedAt: at,
      outputs: result.outputs,
      summary: result.summary,
      epoch: 1,
      resumedFromStep: result.resumedFromStep,
      profile: result.profile,
    });
  });

  it('leaves the state it was given untouched', () => {
    const before = JSON.stringify(open);
    applyChange(open, failed('first'));
    expect(JSON.stringify(open)).toBe(before);
  });

  it('makes a valid record when it is closed, and none before', () => {
    const closed = [
      failed('first'),
      skipped('second'),
      { type: 'closed', at, cancelRequested: false } as const,
    ];
    const record = runRecord(closed.reduce(applyChange, open));
    expect(runRecordSchema.parse(record)).toEqual(record);
    expect(() => runRecord(open)).toThrow('run: expected a closed one');
  });

  it('knows no other stages than those of the run', () => {
    expect(() => applyChange(open, failed('third'))).toThrow('stage third: not in this run');
  });

  it('has succeeded when all stages have, even when somebody wanted to cancel it', () => {
    expect(statusAfter([succeeded('first'), succeeded('second')])).toBe('succeeded');
    expect(statusAfter([succeeded('first'), succeeded('second')], true)).toBe('succeeded');
  });

  it('has failed when a stage has, unless it was to be cancelled', () => {
    expect(statusAfter([failed('first'), skipped('second')])).toBe('failed');
    expect(statusAfter([succeeded('first'), failed('second')])).toBe('failed');
    expect(statusAfter([failed('first'), skipped('second')], true)).toBe('cancelled');
  });

  it('was cancelled when a stage was, by itself or with the run', () => {
    expect(statusAfter([cancelled('first'), skipped('second')])).toBe('cancelled');
    expect(statusAfter([cancelled('first'), skipped('second')], true)).toBe('cancelled');
  });
});
