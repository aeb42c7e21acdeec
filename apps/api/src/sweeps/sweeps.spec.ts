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
