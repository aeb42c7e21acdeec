import {
  failureRules,
  stageJobSchema,
  type LogLevel,
  type StageTimeouts,
  type StageResources,
} from '@vitrine/contracts';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runStageProcess, type StageProcessRun } from './host.js';
import { createMemoryGuard } from './memory-guard.js';
import type { ChildReport } from './messages.js';

const entry = fileURLToPath(new URL('../../testdata/children/scripted.mjs', import.meta.url));

interface Setting {
  readonly timeouts?: Partial<StageTimeouts>;
  readonly resources?: Partial<StageResources>;
  readonly graceMilliseconds?: number;
  readonly onReport?: (report: ChildReport) => void;
}

/** Options for a process that behaves as named, and what is heard of it. */
function prepare(behaviour: string, setting: Setting = {}) {
  const controller = new AbortController();
  const reports: ChildReport[] = [];
  const logs: [LogLevel, string][] = [];
  const job = stageJobSchema.parse({
    project: 'default',
    runId: 'run-1',
    stage: 'one',
    kind: 'noop',
    pool: 'default',
    seed: 0,
    params: {},
    inputs: {},
    resources: setting.resources ?? {},
    timeouts: setting.timeouts ?? {},
    codeVersion: 'code',
  });
  const options: StageProcessRun = {
    entry,
    start: {
      type: 'start',
      job,
      numerics: { threads: 2, precision: 'float32', execution: 'captured' },
      owner: 'host:1',
      failures: [...failureRules([], [])],
    },
    environment: { PATH: process.env['PATH'] ?? '', BEHAVIOUR: behaviour },
    signal: controller.signal,
    stopReason: () => 'Cancelled',
    graceMilliseconds: setting.graceMilliseconds ?? 60_000,
    memory: createMemoryGuard(),
    onReport: (report) => {
      reports.push(report);
      setting.onReport?.(report);
    },
    onLog: (level, message) => logs.push([level, message]),
  };
  return { options, reports, logs, abort: (reason: Error) => controller.abort(reason) };
}

function start(behaviour: string, setting?: Setting) {
  const { options, ...heard } = prepare(behaviour, setting);
  return { ...heard, outcome: runStageProcess(options) };
}

/** Starts a process and stops it as soon as it has reported progress. */
function startAndStop(behaviour: string, reason: Error, setting: Setting = {}) {
  const running = start(behaviour, {
    ...setting,
    onReport: ({ type }) => {
      if (type === 'progress') running.abort(reason);
    },
  });
  return running;
}

/** Longer than a process takes to start on a busy machine: its start counts as well. */
const STALL = { stallSeconds: 5 };

describe('a stage process', () => {
  it('hands over its result, its reports and what it writes', async () => {
    const { outcome, reports, logs } = start('succeed');
    expect(await outcome).toMatchObject({ summary: { steps: 9 } });
    expect(reports.map(({ type }) => type)).toEqual(['attempt', 'progress']);
    expect(logs).toEqual([
      ['info', 'threads 2'],
      ['info', 'owner host:1'],
    ]);
  });

  it('has succeeded with its result, and is ended when it lingers', async () => {
    expect(await start('lingers').outcome).toMatchObject({ summary: { steps: 9 } });
  });

  it('fails with the error it reports, its stack in the log', async () => {
    const { outcome, logs } = start('fail');
    await expect(outcome).rejects.toMatchObject({
      code: 'DatasetMissing',
      message: 'No images.',
      details: { where: '/data', hint: 'Fetch them.' },
    });
    expect(logs).toEqual([['error', 'Error: No images.\n  at somewhere']]);
  });

  it('fails by the rules when it reports what nobody knew', async () => {
    await expect(start('throws').outcome).rejects.toMatchObject({
      code: 'WorkerUnfit',
      details: { actual: 'No CUDA-capable device\nsomething broke' },
    });
  });

  it('fails as a crash, with the end of what it wrote, when a signal of its own ends it', async () => {
    await expect(start('crash').outcome).rejects.toMatchObject({
      code: 'StageFailed',
      message: 'The stage process crashed.',
      details: { actual: expect.stringMatching(/^ended by SIGABRT\nabout to crash/) },
    });
  });

  it('fails when it ends without a result', async () => {
    await expect(start('exits').outcome).rejects.toMatchObject({
      code: 'StageFailed',
      details: { actual: 'exit code 3\ncannot go on' },
    });
  });

  it('was killed from outside when SIGKILL ends it and the kernel says nothing of memory', async () => {
    await expect(start('killed').outcome).rejects.toMatchObject({
      code: 'StageInterrupted',
      details: { where: 'run run-1, stage one, train, step 4 of 9' },
    });
  });

  it('is asked to stop, and the reason for it is what comes of it', async () => {
    const reason = new Error('cancelled');
    const { outcome, logs } = startAndStop('obeys', reason);
    await expect(outcome).rejects.toBe(reason);
    expect(logs).toEqual([['info', 'asked to stop: Cancelled']]);
  });

  it('regression for dagster-io/dagster#13155: is killed after the grace when it neither hears nor obeys', async () => {
    const reason = new Error('cancelled');
    const { outcome } = startAndStop('hangs', reason, { graceMilliseconds: 300 });
    await expect(outcome).rejects.toBe(reason);
  });

  it('regression for PrefectHQ/prefect#8409: is killed when it makes no progress, whatever it writes to its log', async () => {
    const { outcome, reports } = start('chatters', { timeouts: STALL });
    await expect(outcome).rejects.toMatchObject({
      code: 'ChildStalled',
      message: 'The stage made no progress for 5 s.',
      details: { actual: 'none since train, step 2 of 9' },
    });
    expect(reports.some(({ type }) => type === 'log')).toBe(true);
  });

  it('is not stalled while it says that it waits', async () => {
    const { outcome } = start('waits', { timeouts: STALL });
    expect(await outcome).toMatchObject({ summary: { steps: 9 } });
  });

  it('is ended when it says something that is no message', async () => {
    await expect(start('babbles').outcome).rejects.toMatchObject({
      code: 'Internal',
      details: { actual: expect.stringContaining('progress: ') },
    });
  });

  it('is not started when the stage is to stop already, or when there is nothing to start', async () => {
    const { options } = prepare('succeed');
    const reason = new Error('too late');
    const stopped = { ...options, signal: AbortSignal.abort(reason) };
    await expect(runStageProcess(stopped)).rejects.toBe(reason);
    await expect(runStageProcess({ ...options, entry: '/no/such/entry.mjs' })).rejects.toMatchObject({
      code: 'Internal',
      details: { where: '/no/such/entry.mjs', hint: 'Build it with `npm run build`.' },
    });
  });
});
