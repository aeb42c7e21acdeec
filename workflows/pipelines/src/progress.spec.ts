import { parsePipelineSpec, runRecordSchema, runViewSchema, type StageJob } from '@vitrine/contracts';
import { planRun } from '@vitrine/planning';
import { describe, expect, it } from 'vitest';
import { applyChange, closeRun, openRun, runEnd, type RunChange, type RunState } from './progress.js';
import { runPage } from './stage-pages.js';
import { stageResult } from './testing/results.js';

const at = '2026-01-01T00:00:05.000Z';
const request = planRun({
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
});
const after = (...changes: readonly RunChange[]): RunState => {
  const state = openRun(request);
  for (const change of changes) applyChange(state, change);
  return state;
};
const result = stageResult({ runId: 'two-1', stage: 'first' } as StageJob);
const runView = (state: RunState) => {
  const { run, stages } = runPage(state);
  return { ...run, stages };
};
const error = { code: 'StageFailed', message: 'It broke.', hint: 'Read.' } as const;

const succeeded = (stage: string): RunChange => ({ type: 'succeeded', stage, at, result });
const failed = (stage: string): RunChange => ({ type: 'failed', stage, at, error });
const cancelled = (stage: string): RunChange => ({ type: 'cancelled', stage, at, error });
const skipped = (stage: string): RunChange => ({ type: 'skipped', stage, at });
const statusAfter = (changes: readonly RunChange[], cancelRequested = false) =>
  closeRun(after(...changes), at, cancelRequested).status;

describe('the progress of a run', () => {
  it('begins with all stages waiting, by name, with what they need', () => {
    const view = runView(after());
    expect(runViewSchema.parse(view)).toEqual(view);
    expect(Object.entries(view.stages)).toEqual([
      ['first', { kind: 'noop', pool: 'default', needs: [], state: 'waiting' }],
      ['second', { kind: 'noop', pool: 'default', needs: ['first'], state: 'waiting' }],
    ]);
  });

  it('keeps when a stage was handed to its pool, when its last attempt ran, and what came of it', () => {
    const queued: RunChange = { type: 'queued', stage: 'first', at: '2026-01-01T00:00:01.000Z' };
    expect(runView(after(queued, succeeded('first'))).stages['first']).toEqual({
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

  it('is still that of an open run for whoever holds it when the run is closed', () => {
    const open = after(succeeded('first'), succeeded('second'));
    expect(closeRun(open, at, false).status).toBe('succeeded');
    expect(open).toMatchObject({ status: 'running' });
    expect(open).not.toHaveProperty('endedAt');
  });

  it('makes a valid record when it is closed, and has no end before', () => {
    const record = closeRun(after(failed('first'), skipped('second')), at, false);
    expect(runRecordSchema.parse(record)).toEqual(record);
    expect(runEnd(record)).toEqual({ project: 'default', runId: 'two-1', status: 'failed', endedAt: at });
    expect(() => runEnd(after())).toThrow('run: expected a closed one');
  });

  it('knows no other stages than those of the run', () => {
    expect(() => after(failed('third'))).toThrow('stage third: not in this run');
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
