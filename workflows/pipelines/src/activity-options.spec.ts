import { stageJobSchema } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { retryDelaySeconds, runStageOptions } from './activity-options.js';

const job = (timeouts: object) =>
  stageJobSchema.parse({
    project: 'default',
    runId: 'run-1',
    stage: 'train',
    kind: 'train',
    pool: 'gpu',
    seed: 0,
    params: {},
    inputs: {},
    resources: {},
    timeouts,
    codeVersion: 'code',
  });

const release = () => Promise.resolve();
const common = { queue: 'vitrine.pool.gpu', release };

describe('the options of a stage', () => {
  it("queue it on its pool for as long as an attempt may take, and count attempts in the workflow's budgets", () => {
    expect(runStageOptions(job({ attemptSeconds: 60, stallSeconds: 30 }), common)).toMatchObject({
      taskQueue: 'vitrine.pool.gpu',
      startToCloseTimeout: '60 seconds',
      heartbeatTimeout: '15 seconds',
      retry: { maximumAttempts: 1 },
    });
  });

  it('bound the time in the queue only where somebody wants that', () => {
    expect(runStageOptions(job({}), common)).not.toHaveProperty('scheduleToStartTimeout');
    expect(runStageOptions(job({ queueSeconds: 9 }), common)).toMatchObject({
      scheduleToStartTimeout: '9 seconds',
    });
  });

  it('bound the time until a worker takes it that was given its devices, and not the wait for them', () => {
    const lease = { id: 'lease', queue: 'vitrine.pool.gpu@box', release };
    expect(runStageOptions(job({ queueSeconds: 9 }), lease)).toMatchObject({
      taskQueue: 'vitrine.pool.gpu@box',
      scheduleToStartTimeout: '60 seconds',
    });
  });

  it('believe in a silent worker no longer than in a silent stage', () => {
    expect(runStageOptions(job({ stallSeconds: 3 }), common).heartbeatTimeout).toBe('3 seconds');
  });
});

describe('the delay before a retry', () => {
  it('doubles up to a bound', () => {
    expect([1, 2, 3, 7, 8, 9, 1000].map((retry) => retryDelaySeconds('infrastructure', retry))).toEqual([
      1, 2, 4, 64, 120, 120, 120,
    ]);
    expect([1, 4, 5, 1000].map((retry) => retryDelaySeconds('own', retry))).toEqual([1, 8, 10, 10]);
  });
});
