import { SweepLog } from '@vitrine/artifact-store';
import { parseSweepSpec } from '@vitrine/contracts';
import { simulate } from '@vitrine/search';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const stages = { train: { kind: 'train', params: { epochs: 9 } } };
const sweep = {
  version: 1,
  name: 'rates',
  pipeline: { version: 1, name: 'small', stages },
  space: {
    rate: { type: 'log-uniform', low: 1e-4, high: 1e-1, set: 'stages.train.params.optimizer.learningRate' },
  },
  objective: { metric: 'train.testAccuracy', direction: 'maximize' },
  budget: { trials: 8 },
};

async function answerTo(
  changes: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; code: string; where?: string; actual?: string }> {
  const response = await api.fetch('/api/v1/sweeps', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...sweep, ...changes }),
  });
  return { ...((await response.json()) as { code: string }), status: response.status };
}

describe('a sweep that is submitted', () => {
  it.each<[string, object, string]>([
    ['an empty space', { space: {} }, 'space'],
    [
      'an empty range',
      { space: { batch: { type: 'int', low: 9, high: 8, set: 'stages.train.params.batchSize' } } },
      'space.batch.high',
    ],
    ['a grid without end', { sampler: { kind: 'grid' } }, 'space.rate'],
    [
      'a metric nobody reports',
      { objective: { metric: 'train.accuracy', direction: 'maximize' } },
      'objective.metric',
    ],
    ['a budget of no trial', { budget: { trials: 0 } }, 'budget.trials'],
    ['a budget of no time', { budget: { trials: 1, wallSeconds: 0 } }, 'budget.wallSeconds'],
    ['a budget of no devices', { budget: { trials: 1, deviceSeconds: 0 } }, 'budget.deviceSeconds'],
    [
      'a pipeline that is wrong',
      { pipeline: { ...sweep.pipeline, stages: { train: { kind: 'train', params: { epochs: 0 } } } } },
      'pipeline.stages.train.params.epochs',
    ],
  ])('with %s is refused by its field', async (_what, changes, where) => {
    expect(await answerTo(changes)).toMatchObject({ status: 400, code: 'InvalidSpec', where });
  });

  it('with a key that is none is refused by its header', async () => {
    expect(await answerTo({}, { 'idempotency-key': 'no spaces' })).toMatchObject({
      code: 'InvalidRequest',
      where: expect.stringContaining('header Idempotency-Key'),
    });
  });

  it('is not stored while there is no Temporal to run it', async () => {
    expect(await answerTo({})).toMatchObject({ status: 503, code: 'TemporalUnavailable' });
    expect(await api.stores.sweeps.listSweepIds('default')).toEqual([]);
  });
});

describe('a sweep that has ended', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const rungs = {
    scheduler: { kind: 'patience', every: 3, reports: 99 },
    resource: { stage: 'train', max: 9 },
  };

  async function ended(sweepId: string, changes: object): Promise<void> {
    const spec = parseSweepSpec({ ...sweep, ...changes });
    const { book, tally, events } = simulate({
      spec,
      budget: { trials: 6 },
      parallelism: 1,
      run: ({ trial, segments }) => ({
        value: (6 - trial) / 10,
        deviceSeconds: (segments.at(-1)?.until ?? 0) - (segments.at(-2)?.until ?? 0),
      }),
    });
    expect(book.trials).toHaveLength(6);
    const request = { project: 'default', sweepId, spec, codeVersion: 'code', submittedAt: at };
    const { last: log } = await (
      await SweepLog.read(api.stores.artifacts('default'), undefined)
    ).append(api.stores.artifacts('default'), events);
    const { metric, direction } = spec.objective;
    await api.stores.sweeps.putRequest(request);
    await api.stores.sweeps.seal({
      format: 1,
      request,
      view: {
        project: 'default',
        sweepId,
        name: spec.name,
        status: 'succeeded',
        submittedAt: at,
        endedAt: at,
        metric,
        direction,
        parallelism: 1,
        budget: spec.budget,
        tally,
        runs: [],
        ...(log && { log }),
      },
    });
  }

  async function replayed(sweepId: string, scheduler: object): Promise<unknown> {
    const response = await api.fetch(`/api/v1/sweeps/default/${sweepId}/replay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ scheduler }),
    });
    return response.json();
  }

  it('is replayed under another scheduler: what it would have saved, and what lost', async () => {
    await ended('rates-1', rungs);
    expect(await replayed('rates-1', { kind: 'asha', minResource: 3 })).toMatchObject({
      recorded: { scheduler: 'patience', deviceSeconds: 54, best: { trial: 0 } },
      // Six trials to 3, two of them to 9.
      replayed: { scheduler: 'asha', deviceSeconds: 6 * 3 + 2 * 6, best: { trial: 0 } },
      savedDeviceSeconds: 24,
      lost: 0,
      estimated: 0,
    });
  });

  it('is not replayed where nobody reported, where values would change, or without rungs', async () => {
    await ended('rates-2', rungs);
    expect(await replayed('rates-2', { kind: 'median', every: 1 })).toMatchObject({
      code: 'InvalidRequest',
      actual: 'no trial reported at 1',
    });
    expect(await replayed('rates-2', { kind: 'pbt' })).toMatchObject({ where: 'body: scheduler.kind' });
    expect(await replayed('rates-2', { kind: 'nosuch' })).toMatchObject({ code: 'InvalidRequest' });
    await ended('rates-3', {});
    expect(await replayed('rates-3', { kind: 'asha' })).toMatchObject({ where: 'the sweep: resource' });
    expect(await replayed('rates-4', { kind: 'asha' })).toMatchObject({ code: 'TemporalUnavailable' });
  });
});
