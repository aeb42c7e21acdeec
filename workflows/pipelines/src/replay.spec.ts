import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { recordedHistories } from './testing/histories.js';

// The replay that is meant to fail would be logged with its stack.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
});

describe('a recorded history', { timeout: 60_000 }, () => {
  let workflowBundle: { code: string };
  beforeAll(async () => {
    workflowBundle = await bundle();
  });

  it('exists for each way in which a run and a stage end, and for a computation that others waited for', () => {
    const cases = ['succeeded', 'failed', 'retried', 'cancelled', 'computed', 'shared', 'found', 'approved'];
    expect(recordedHistories().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...cases.flatMap((end) => [`pipeline-v1-${end}.json`, `stage-v1-${end}.json`]),
        'flight-v1-succeeded.json',
        'plan-v1-succeeded.json',
        ...['started', 'unchanged'].map((end) => `scheduled-v1-${end}.json`),
        ...['continued', 'carried', 'succeeded', 'stopped'].map((end) => `sweep-v1-${end}.json`),
      ]),
    );
  });

  it.each(recordedHistories())('replays with the workflows of today: $name', async ({ name, history }) => {
    await expect(Worker.runReplayHistory({ workflowBundle }, history, name)).resolves.toBeUndefined();
  });

  it('does not replay when the workflow would do something else', async () => {
    const recorded = recordedHistories().find(({ name }) => name === 'stage-v1-succeeded.json');
    const other: unknown = JSON.parse(
      JSON.stringify(recorded?.history).replaceAll('runStage', 'runSomething'),
    );
    await expect(Worker.runReplayHistory({ workflowBundle }, other)).rejects.toMatchObject({
      name: 'DeterminismViolationError',
      message: expect.stringContaining('runSomething'),
    });
  });
});
