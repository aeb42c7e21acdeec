import { Context } from '@temporalio/activity';
import type { ErrorCode, StageJob } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start(inject('temporal'), await bundle());
});
afterAll(() => harness.stop());

/** Runs one stage whose attempts fail with these codes, in order, and then succeed. */
async function run(
  retry: { infrastructure: number; own: number; elsewhereSeconds?: number },
  codes: readonly ErrorCode[],
) {
  let attempts = 0;
  const avoided: StageJob['avoid'][] = [];
  const view = await harness.run({ only: { retry } }, async (job) => {
    const code = codes[attempts];
    attempts += 1;
    avoided.push(job.avoid);
    if (code) throw failWith(code, `Attempt ${attempts} failed.`);
    return stageResult(job);
  });
  return { attempts, avoided, state: view.stages['only']?.state, error: view.stages['only']?.error };
}

describe('a stage', () => {
  it('charges each kind of failure to its own budget', async () => {
    const codes: ErrorCode[] = ['ChildKilled', 'StageFailed', 'StorageUnavailable'];
    expect(await run({ infrastructure: 2, own: 1 }, codes)).toMatchObject({
      attempts: 4,
      state: 'succeeded',
    });
  });

  it("fails when its own budget is spent, however much is left of the infrastructure's", async () => {
    const { attempts, error } = await run({ infrastructure: 9, own: 1 }, ['StageFailed', 'StageFailed']);
    expect(attempts).toBe(2);
    expect(error).toMatchObject({
      code: 'StageFailed',
      message: 'Attempt 2 failed. Given up after 1 retries (own).',
    });
  });

  it("fails when the infrastructure's budget is spent, however much is left of its own", async () => {
    const { attempts, error } = await run({ infrastructure: 0, own: 9 }, ['ChildKilled']);
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ code: 'ChildKilled' });
  });

  it('is not tried again after an error that would come again', async () => {
    const { attempts, error } = await run({ infrastructure: 9, own: 9 }, ['OutOfMemory']);
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ code: 'OutOfMemory', message: 'Attempt 1 failed.' });
  });

  it('pays nothing for a worker with other code', async () => {
    expect(await run({ infrastructure: 0, own: 0 }, ['CodeVersionMismatch'])).toMatchObject({
      attempts: 2,
      state: 'succeeded',
    });
  });

  it('names the worker that is at fault for a failure, and no other, as one to hand it back', async () => {
    const codes: ErrorCode[] = ['StageInterrupted', 'WorkerUnfit', 'HandedBack'];
    expect(await run({ infrastructure: 2, own: 0 }, codes)).toEqual({
      attempts: 4,
      avoided: [undefined, undefined, ['harness'], ['harness']],
      state: 'succeeded',
    });
  });

  it('may go back to the worker at fault when no other one took it in time', async () => {
    const { avoided } = await run({ infrastructure: 1, own: 0, elsewhereSeconds: 0 }, ['DiskFull']);
    expect(avoided).toEqual([undefined, undefined]);
  });

  it('regression for PrefectHQ/prefect#12988: does not stay running when its worker stops answering, and charges that to the infrastructure', async () => {
    let attempts = 0;
    // Of the next attempts too some may be silent for so long, where the machine is busy.
    const only = { retry: { infrastructure: 99, own: 0 }, timeouts: { stallSeconds: 1 } };
    const view = await harness.run({ only }, async (job) => {
      attempts += 1;
      // An activity that never heartbeats looks to the server like a worker that is gone.
      if (attempts === 1) return Context.current().cancelled;
      return stageResult(job);
    });
    expect(attempts).toBeGreaterThan(1);
    expect(view.status).toBe('succeeded');
  });

  it('is its own failure to run longer than an attempt may', async () => {
    const only = { retry: { infrastructure: 9, own: 0 }, timeouts: { attemptSeconds: 1 } };
    const view = await harness.run({ only }, () => Context.current().cancelled);
    expect(view.stages['only']?.error).toMatchObject({
      code: 'StageFailed',
      hint: expect.stringContaining('timeouts.attemptSeconds'),
    });
  });

  it('regression for flyteorg/flyte#6417: is given up when no worker of its pool takes it up in time, and says so', async () => {
    const only = { pool: 'nobody-works-here', timeouts: { queueSeconds: 1 } };
    for (const cache of [false, true]) {
      const view = await harness.run({ only: { ...only, cache } });
      expect(view.stages['only']?.error).toMatchObject({
        code: 'TimedOut',
        where: 'timeouts.queueSeconds',
        hint: expect.stringContaining('more workers'),
      });
    }
  });

  it('is given up when all its attempts together take longer than they may', async () => {
    const only = { retry: { infrastructure: 99, own: 0 }, timeouts: { totalSeconds: 2 } };
    const view = await harness.run({ only }, () => Promise.reject(failWith('ChildKilled', 'It was killed.')));
    expect(view.stages['only']).toMatchObject({
      state: 'failed',
      error: { code: 'TimedOut', where: 'timeouts.totalSeconds', expected: 'a result within 2 s' },
    });
  });

  it('is given up while it waits for another that computes the same, which goes on', async () => {
    const stage = { cache: true, seed: 3_000_000_000 };
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let started = false;
    const one = await harness.submit({ only: stage }, async (job) => {
      started = true;
      await gate;
      return stageResult(job);
    });
    while (!started) await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await harness.run({ only: { ...stage, timeouts: { totalSeconds: 1 } } });
    expect(other.stages['only']?.error?.code).toBe('TimedOut');
    open();
    expect((await one.result()).status).toBe('succeeded');
  });

  it('fails with the type of a failure that is not ours', async () => {
    const only = { retry: { infrastructure: 9, own: 0 } };
    const view = await harness.run({ only }, () => Promise.reject(new TypeError('x is not a function')));
    expect(view.stages['only']?.error).toMatchObject({ code: 'Internal', actual: 'TypeError' });
  });
});
