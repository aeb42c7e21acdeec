import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { RunEvent, StageResult } from '@vitrine/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { DevicePool } from './device-pool.js';
import { HeldLeases } from './held-leases.js';
import { createStageActivities } from './index.js';
import { createMemoryGuard } from './job/memory-guard.js';
import { MemoryArtifacts } from './testing/memory-artifacts.js';

const entry = fileURLToPath(new URL('../testdata/children/scripted.mjs', import.meta.url));
const logsDir = mkdtempSync(join(tmpdir(), 'run-stage-'));
afterAll(() => rmSync(logsDir, { recursive: true }));

type CancelReason = Parameters<MockActivityEnvironment['cancel']>[0];

// Failing attempts are what is tested; each would be a warning with its stack.
const logger = new DefaultLogger('ERROR');

let runs = 0;

/** An activity whose stage process behaves as named. */
function attempt(
  behaviour: string,
  change: object = {},
  clock = () => new Date('2026-01-01T00:00:00.000Z'),
  { workers = ['host:1'], gpus = ['GPU-first'] }: { workers?: string[]; gpus?: string[] } = {},
) {
  runs += 1;
  const runId = `run-${runs}`;
  const events: RunEvent[] = [];
  const ends: { outcome: string }[] = [];
  const busy: number[] = [];
  const leases = new HeldLeases();
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 300 }, { logger });
  let heartbeats = 0;
  environment.on('heartbeat', () => (heartbeats += 1));
  const { runStage } = createStageActivities({
    entry,
    codeVersion: () => 'code',
    failures: [],
    workersOf: () => Promise.resolve(workers),
    numerics: { threads: 2, precision: 'float32', execution: 'captured' },
    devices: new DevicePool(2),
    leases,
    gpus,
    environment: { PATH: process.env['PATH'] ?? '', BEHAVIOUR: behaviour },
    worker: 'host:1',
    logsDir,
    emit: (event) => {
      events.push(event);
      if (event.type === 'progress') onProgress();
    },
    metrics: {
      ended: (_job, end) => ends.push(end),
      progressed: () => undefined,
      stored: () => undefined,
      busy: (count) => busy.push(count),
      began: () => undefined,
      started: () => undefined,
      lives: () => undefined,
      measured: () => undefined,
    },
    memory: createMemoryGuard(),
    artifacts: () => new MemoryArtifacts(),
    clock,
    graceMilliseconds: 60_000,
  });
  const job = {
    project: 'default',
    runId,
    stage: 'one',
    kind: 'noop',
    pool: 'default',
    seed: 0,
    params: { steps: 1 },
    inputs: {},
    resources: {},
    timeouts: {},
    codeVersion: 'code',
    ...change,
  };
  let onProgress = (): void => undefined;
  const outcome = environment.run(runStage, job as never) as Promise<StageResult>;
  /** Cancels the activity once its stage makes progress. */
  const cancelAtProgress = (reason: CancelReason, details: ActivityCancellationDetails): typeof outcome => {
    onProgress = () => environment.cancel(reason, details);
    return outcome;
  };
  /** The pool wants its devices back once it makes progress. */
  const giveUpAtProgress = (lease: string): typeof outcome => {
    onProgress = () => leases.giveUp([lease]);
    return outcome;
  };
  const log = (): string => readFileSync(join(logsDir, runId, 'one.log'), 'utf8');
  return {
    outcome,
    cancelAtProgress,
    giveUpAtProgress,
    events,
    ends,
    busy,
    log,
    heartbeats: () => heartbeats,
  };
}

function statesOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'stage' ? [event.state] : []));
}

describe('an attempt of a stage', () => {
  it('ends a stage that has nothing to do without a process, and tells of it as of any other', async () => {
    const { outcome, events, busy } = attempt('fail', { params: {} });
    const { outputs, summary, epoch } = await outcome;
    expect([Object.keys(outputs), summary, epoch]).toEqual([['done'], { steps: 0 }, 1]);
    expect(events.map(({ type }) => type)).toEqual(['stage', 'attempt', 'stage']);
    expect(busy).toEqual([1, 0]);
  });

  it('fails for good when its result has 5 MB, which no server would take', async () => {
    const { outcome, ends } = attempt('boasts');
    await expect(outcome).rejects.toMatchObject({
      type: 'ResultTooLarge',
      nonRetryable: true,
      details: [
        { where: expect.stringMatching(/stage one, summary$/), actual: expect.stringMatching(/^52\d{5}$/) },
      ],
    });
    expect(ends).toMatchObject([{ outcome: 'ResultTooLarge' }]);
  });

  it('fails when its result has more than its share of what the results of its run may have', async () => {
    const { outcome } = attempt('fail', { params: {}, resultCharacters: 40 });
    await expect(outcome).rejects.toMatchObject({
      type: 'ResultTooLarge',
      details: [{ expected: expect.stringMatching(/^at most 40 characters of JSON, its share/) }],
    });
  });

  it.each([
    ['train', {}, ['GPU-a', 'GPU-b'], 'sees GPU-a, 2 native threads, others [["GPU-b"]]'],
    ['train', {}, [], 'sees -1, 2 native threads, others [[]]'],
    ['noop', { steps: 1 }, ['GPU-a', 'GPU-b'], 'sees GPU-a,GPU-b, 2 native threads'],
  ])(
    'of kind %s sees what it computes on itself with %j of the devices %j',
    async (kind, params, gpus, line) => {
      const change = { kind, params, resources: { devices: 2 } };
      const { outcome, log } = attempt('succeed', change, undefined, { gpus });
      await outcome;
      expect(log().split('\n')).toContainEqual(expect.stringMatching(`${line.replace(/[[\]]/g, '\\$&')}$`));
    },
  );

  it('tells what happens, from its start to its result', async () => {
    const { outcome, events, ends, busy, log } = attempt('succeed');
    expect(await outcome).toMatchObject({ epoch: 1, summary: { steps: 9 } });
    const common = { project: 'default', runId: expect.stringMatching(/^run-/), stage: 'one' };
    const at = '2026-01-01T00:00:00.000Z';
    // Standard output and messages come by different ways: only each by itself is in order.
    const logs = events.filter(({ type }) => type === 'log');
    expect(events.filter((event) => !logs.includes(event))).toEqual([
      { ...common, at, type: 'stage', state: 'running' },
      { ...common, at, type: 'attempt', epoch: 1, resumedFromStep: 0, worker: 'host:1' },
      { ...common, at, type: 'progress', progress: expect.objectContaining({ step: 3 }) },
      { ...common, at, type: 'stage', state: 'succeeded' },
    ]);
    expect(logs).toEqual([
      { ...common, at, type: 'log', level: 'info', message: 'threads 2' },
      { ...common, at, type: 'log', level: 'info', message: 'owner host:1' },
      { ...common, at, type: 'log', level: 'info', message: 'sees GPU-first, 2 native threads' },
    ]);
    expect(log()).toMatch(/^2026-01-01T00:00:00.000Z info threads 2\n(.*\n){2}$/);
    expect(ends).toEqual([{ outcome: 'succeeded', seconds: 0, devices: 1 }]);
    expect(busy).toEqual([1, 0]);
  });

  it('heartbeats while its stage is alive', async () => {
    const { outcome, heartbeats } = attempt('lingers');
    await outcome;
    expect(heartbeats()).toBeGreaterThan(0);
  });

  it('stops heartbeats when its stage has given no sign of life for longer than it may stall', async () => {
    let now = 0;
    const { outcome, heartbeats } = attempt('lingers', {}, () => new Date((now += 10 * 60_000)));
    await outcome;
    expect(heartbeats()).toBe(0);
  });

  it('goes on, and says so, when its log on this machine cannot be written', async () => {
    mkdirSync(join(logsDir, `run-${runs + 1}`, 'blocked.log'), { recursive: true });
    const { outcome, events } = attempt('succeed', { stage: 'blocked' });
    await outcome;
    const messages = events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
    expect(
      messages.filter((message) => message.startsWith('the log on this machine ends here: ')),
    ).toHaveLength(1);
    expect(messages).toContain('threads 2');
  });

  it('refuses a run that was planned for other code, and does not start it', async () => {
    const { outcome, events } = attempt('succeed', { codeVersion: 'older' });
    await expect(outcome).rejects.toMatchObject({
      type: 'CodeVersionMismatch',
      nonRetryable: false,
      details: [{ expected: 'code version older', actual: 'code' }],
    });
    expect(statesOf(events)).toEqual(['queued']);
  });

  it('hands a stage back that failed by its fault, while the pool has another worker', async () => {
    const { outcome, events } = attempt('succeed', { avoid: ['host:1'] }, undefined, {
      workers: ['host:1', 'host:2'],
    });
    await expect(outcome).rejects.toMatchObject({
      type: 'HandedBack',
      nonRetryable: false,
      details: [{ expected: 'one of host:2', actual: 'host:1' }],
    });
    expect(statesOf(events)).toEqual(['queued']);
  });

  it.each([[['host:1']], [['host:1', 'host:2']], [[]]])(
    'takes a stage again that failed by its fault when the pool has no other worker than those: %j',
    async (workers) => {
      const { outcome, log } = attempt('succeed', { avoid: ['host:2', 'host:1'] }, undefined, { workers });
      expect(await outcome).toMatchObject({ summary: { steps: 9 } });
      expect(log()).toContain('pool default has no other one: tried here again');
    },
  );

  it('refuses a job that is not valid, for good', async () => {
    const { outcome, events } = attempt('succeed', { params: { steps: -1 } });
    await expect(outcome).rejects.toMatchObject({ type: 'InvalidSpec', nonRetryable: true });
    expect(events).toEqual([]);
  });

  it('fails with the error of its stage, which the workflow can read', async () => {
    const { outcome, events, ends, log } = attempt('fail');
    await expect(outcome).rejects.toBeInstanceOf(ApplicationFailure);
    await expect(outcome).rejects.toMatchObject({
      type: 'DatasetMissing',
      nonRetryable: true,
      details: [{ code: 'DatasetMissing', message: 'No images.', where: '/data', hint: 'Fetch them.' }],
    });
    expect(statesOf(events)).toEqual(['running', 'failed']);
    expect(events.at(-1)).toMatchObject({ error: { code: 'DatasetMissing' } });
    expect(log()).toContain('DatasetMissing: No images.');
    expect(ends).toMatchObject([{ outcome: 'DatasetMissing' }]);
  });

  it('is queued again when it may be tried again', async () => {
    const { outcome, events } = attempt('killed');
    await expect(outcome).rejects.toMatchObject({ type: 'StageInterrupted', nonRetryable: false });
    expect(statesOf(events)).toEqual(['running', 'queued']);
  });

  it('that is cancelled stops its stage and fails with the reason it was given', async () => {
    const { cancelAtProgress, events, ends } = attempt('obeys');
    const details = new ActivityCancellationDetails({ cancelRequested: true });
    await expect(cancelAtProgress('CANCELLED', details)).rejects.toBeInstanceOf(CancelledFailure);
    expect(events).toContainEqual(expect.objectContaining({ message: 'asked to stop: Cancelled' }));
    expect(statesOf(events)).toEqual(['running', 'cancelled']);
    expect(ends).toMatchObject([{ outcome: 'Cancelled' }]);
  });

  it.each([
    ['WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })],
    ['PAUSED', new ActivityCancellationDetails({ paused: true })],
    ['TIMED_OUT', new ActivityCancellationDetails({ timedOut: true, notFound: true })],
  ] as const)('that ends here by %s goes on elsewhere', async (reason, details) => {
    const { cancelAtProgress, events } = attempt('obeys');
    await expect(cancelAtProgress(reason, details)).rejects.toMatchObject({
      name: 'CancelledFailure',
      message: reason,
    });
    expect(events).toContainEqual(expect.objectContaining({ message: 'asked to stop: WorkerShutdown' }));
    expect(statesOf(events)).toEqual(['running', 'queued']);
  });

  it('stores a checkpoint and gives its devices back when its pool wants them', async () => {
    const { giveUpAtProgress, events, ends, busy } = attempt('obeys', { lease: 'lease-1' });
    await expect(giveUpAtProgress('lease-1')).rejects.toMatchObject({ type: 'Preempted' });
    expect(statesOf(events)).toEqual(['running', 'queued']);
    expect(ends).toMatchObject([{ outcome: 'Preempted' }]);
    expect(busy.at(-1)).toBe(0);
  });

  it('regression for PrefectHQ/prefect#9270: gives its device back however it ends', async () => {
    const { outcome, busy } = attempt('exits');
    await expect(outcome).rejects.toMatchObject({ type: 'StageFailed' });
    expect(busy).toEqual([1, 0]);
  });
});
