import { describe, expect, it } from 'vitest';
import type { RunView, StageView } from '../api/types.js';
import { runSentence, stageLook, stageShare } from './run-sentence.js';

const at = (second: number): string =>
  new Date(Date.parse('2026-01-01T00:00:00Z') + second * 1000).toISOString();
const now = Date.parse(at(600));
const stage = (facts: Partial<StageView> = {}): StageView => ({
  kind: 'train',
  pool: 'gpu',
  needs: [],
  state: 'succeeded',
  ...facts,
});

function view(status: RunView['status'], stages: Record<string, StageView>): RunView {
  return {
    project: 'default',
    runId: 'quick-1',
    pipeline: 'quick',
    status,
    submittedAt: at(0),
    ...(status !== 'running' && { endedAt: at(160) }),
    stages,
  };
}

describe('the sentence of a run', () => {
  const progress = {
    phase: 'train',
    step: 18_204,
    total: 40_000,
    stepsPerSecond: 9,
    etaSeconds: 4_200,
    metrics: {},
  };
  const error = { code: 'StageFailed', message: 'The program failed.', hint: 'Read its log.' } as const;

  it.each<[string, RunView]>([
    [
      'train runs: train 18,204 of 40,000, about 1 h 10 min left, 1 of 2 stages done.',
      view('running', { data: stage(), train: stage({ state: 'running', progress }) }),
    ],
    [
      'Waits for a device of pool gpu (train), 0 of 1 stage done.',
      view('running', { train: stage({ state: 'queued' }) }),
    ],
    [
      'Waits for approval of publish, 0 of 1 stage done.',
      view('running', { publish: stage({ state: 'held' }) }),
    ],
    [
      'Waits for train of other-1, 0 of 1 stage done.',
      view('running', { train: stage({ state: 'queued', waitsFor: { runId: 'other-1', stage: 'train' } }) }),
    ],
    ['Begins, 0 of 1 stage done.', view('running', { train: stage({ state: 'waiting' }) })],
    [
      'Succeeded in 2 min 40 s: 2 stages, 1 of them found instead of computed.',
      view('succeeded', {
        a: stage({ cache: { outcome: 'hit' } }),
        b: stage({ cache: { outcome: 'miss' } }),
      }),
    ],
    [
      'Failed after 2 min 40 s, 1 of 2 stages done: judge: The program failed.',
      view('failed', { a: stage(), judge: stage({ state: 'failed', error }) }),
    ],
    ['Stopped after 2 min 40 s, 0 of 1 stage done.', view('cancelled', { a: stage({ state: 'cancelled' }) })],
  ])('says: %s', (text, run) => {
    expect(runSentence(run, now)).toBe(text);
  });

  it('counts the elements of a fan-out', () => {
    const elements = {
      total: 40,
      succeeded: 22,
      found: 0,
      failed: 1,
      cancelled: 0,
      running: 3,
      failures: [],
    };
    const many = stage({ state: 'running', elements });
    expect(runSentence(view('running', { many, other: stage({ state: 'running' }) }), now)).toBe(
      'many runs: 22 of 40 elements and 1 other, 0 of 2 stages done.',
    );
    expect(stageShare(many)).toBe(0.55);
  });
});

describe('the look of a stage', () => {
  it('tells results that were found, and tries after the first', () => {
    expect(stageLook(stage({ cache: { outcome: 'kept' } }))).toBe('cached');
    expect(stageLook(stage({ cache: { outcome: 'forced' } }))).toBe('succeeded');
    expect(stageLook(stage({ state: 'running', epoch: 2 }))).toBe('retrying');
    expect(stageLook(stage({ state: 'held' }))).toBe('paused');
    expect(stageLook(stage({ state: 'queued' }))).toBe('waiting');
  });
});
