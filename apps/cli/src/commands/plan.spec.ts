import type { Forecast, RunPlanView } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { planLines } from './plan.js';

const exactly = (value: number) => ({ low: value, median: value, high: value });
const forecast: Forecast = {
  seconds: { low: 40, median: 60, high: 90 },
  deviceSeconds: { low: 40, median: 60, high: 90 },
  bytes: exactly(2e6),
  samples: 3,
  differences: 0,
};
const plan: RunPlanView = {
  project: 'default',
  pipeline: 'quick',
  codeVersion: 'code',
  stages: [
    {
      stage: 'train',
      kind: 'train',
      pool: 'default',
      needs: [],
      outcome: 'found',
      from: { runId: 'run-1', stage: 'train' },
    },
    {
      stage: 'judge',
      kind: 'evaluate',
      pool: 'gpu',
      needs: ['train'],
      outcome: 'computed',
      reason: 'there is no result under its key',
      forecast,
    },
    {
      stage: 'report',
      kind: 'report',
      pool: 'cpu',
      needs: ['judge'],
      outcome: 'open',
      reason: 'it depends on what judge gives',
    },
  ],
  pools: [
    { pool: 'cpu', hasWorkers: false, waiting: 0 },
    { pool: 'default', hasWorkers: true, waiting: 0 },
    { pool: 'gpu', hasWorkers: true, waiting: 4 },
  ],
  total: {
    found: 1,
    computed: 2,
    withoutHistory: 1,
    seconds: forecast.seconds,
    deviceSeconds: forecast.deviceSeconds,
    bytes: exactly(2e6),
  },
};

describe('a plan', () => {
  it('says of each stage what becomes of it and why, sums up, and names what is waited for', () => {
    expect(planLines(plan)).toEqual([
      'STAGE   KIND      TIME                            WRITES   WHY',
      'train   train     found                                    computed by run run-1, stage train',
      'judge   evaluate  1 min 0 s (40 s to 1 min 30 s)  2.00 MB  computed: there is no result under its key; time from 3 stages like it',
      'report  report    no history                               open: it depends on what judge gives',
      '',
      '1 of 3 stages found, 2 to compute: 1 min 0 s (40 s to 1 min 30 s) at best, 1 min 0 s (40 s to 1 min 30 s) of devices, 2.00 MB.',
      '1 of them without history, which these figures leave out.',
      'Pool cpu has no worker: its stages wait until one is started.',
      'Pool gpu is busy: about 4 stages wait for it already.',
    ]);
  });
});
