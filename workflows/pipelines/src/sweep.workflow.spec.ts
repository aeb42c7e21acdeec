import { Context } from '@temporalio/activity';
import type { StageJob, SweepCommand, SweepEdit, SweepView, SweepWorkflow } from '@vitrine/contracts';
import { QUERY, SIGNAL } from '@vitrine/contracts/names';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { artifact, stageResult } from './testing/results.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start(inject('temporal'), await bundle());
});
afterAll(() => harness.stop());

const space = { steps: { type: 'int', low: 1, high: 6, set: 'stages.only.params.steps' } };
const objective = { metric: 'only.steps', direction: 'minimize' };
const grid = { kind: 'grid' };
const base = { space, objective, sampler: grid, budget: { trials: 6 } };

/** A stage whose result is the number of its steps. */
const counts = async (job: StageJob) => ({ ...stageResult(job), summary: { steps: job.params['steps'] } });

/** Runs until it is cancelled. */
async function hangs(): Promise<never> {
  const { cancelled, heartbeat } = Context.current();
  const timer = setInterval(heartbeat, 50);
  return cancelled.finally(() => clearInterval(timer));
}

const viewOf = (handle: WorkflowHandle<SweepWorkflow>) => handle.query<SweepView>(QUERY.sweepView);

async function until(
  handle: WorkflowHandle<SweepWorkflow>,
  holds: (view: SweepView) => boolean,
): Promise<SweepView> {
  for (;;) {
    const view = await viewOf(handle);
    if (holds(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const tell = (handle: WorkflowHandle<SweepWorkflow>, command: SweepCommand) =>
  handle.signal<[SweepCommand]>(SIGNAL.commandSweep, command);

describe('a sweep', () => {
  it('runs every point of its grid once, so many at a time, and says which was best', async () => {
    let running = 0;
    let most = 0;
    let two = (): void => undefined;
    const together = new Promise<void>((resolve) => (two = resolve));
    const handle = await harness.sweep({ only: {} }, { ...base, parallelism: 2 }, async (job) => {
      most = Math.max(most, (running += 1));
      // The first one waits for a second: both run at a time, however slow the machine is.
      if (running === 2) two();
      await together;
      running -= 1;
      return counts(job);
    });
    const view = await handle.result();
    expect(view).toMatchObject({ status: 'succeeded', reason: 'every trial has come to its end' });
    expect(view.tally).toMatchObject({
      started: 6,
      completed: 6,
      failed: 0,
      stages: { computed: 6, found: 0 },
      best: { point: { steps: 1 } },
    });
    expect(most).toBe(2);
    expect(harness.sweeps.sealed.at(-1)).toEqual(view);
  });

  it('trains rungs from the state of those before, under one seed', async () => {
    const jobs: StageJob[] = [];
    const handle = await harness.sweep(
      { only: { kind: 'train' } },
      {
        space: {
          rate: { type: 'choice', values: [0.3, 0.1, 0.2], set: 'stages.only.params.optimizer.learningRate' },
        },
        objective: { metric: 'only.testAccuracy', direction: 'maximize' },
        sampler: grid,
        scheduler: { kind: 'asha', eta: 3, minResource: 1 },
        resource: { stage: 'only', max: 3 },
        budget: { trials: 3 },
      },
      async (job) => {
        jobs.push(job);
        const { learningRate } = job.params['optimizer'] as { learningRate: number };
        const outputs = { state: artifact('checkpoint', `${job.runId}/state`) };
        return { ...stageResult(job), outputs, summary: { testAccuracy: learningRate } };
      },
    );
    const view = await handle.result();
    expect(view.tally).toMatchObject({ started: 3, completed: 1, stopped: 2 });
    expect(view.tally.best?.point).toEqual({ rate: 0.3 });
    const last = jobs.at(-1);
    expect(last).toMatchObject({ stage: 'only', params: { stopAfterEpochs: 3 } });
    expect(last?.inputs['resume']).toBeDefined();
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(1);
  });

  it('is paused at once, begins again where it was, and is stopped as a whole', async () => {
    const runIds: string[] = [];
    let continued: readonly string[] | undefined;
    const handle = await harness.sweep({ only: {} }, { ...base, parallelism: 2 }, async (job) => {
      runIds.push(job.runId);
      continued = job.continues ?? continued;
      return hangs();
    });
    await until(handle, ({ runs }) => runs.length === 2 && runIds.length === 2);
    await tell(handle, 'pause');
    const paused = await until(handle, ({ runs, status }) => status === 'paused' && runs.length === 0);
    expect(paused.tally.started).toBe(2);
    await tell(handle, 'resume');
    await until(handle, ({ runs }) => runs.length === 2 && runIds.length === 4);
    expect(runIds.slice(2).toSorted()).toEqual(
      runIds
        .slice(0, 2)
        .map((runId) => `${runId}-2`)
        .toSorted(),
    );
    expect(runIds.slice(0, 2)).toContain(continued?.[0]);
    await tell(handle, 'stop');
    expect(await handle.result()).toMatchObject({
      status: 'stopped',
      tally: { started: 2, running: 0, stopped: 2 },
    });
  });

  it('takes more parallelism and more budget while it runs', async () => {
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const handle = await harness.sweep({ only: {} }, { ...base, budget: { trials: 1 } }, async (job) => {
      await gate;
      return counts(job);
    });
    await until(handle, ({ runs }) => runs.length === 1);
    await handle.signal<[SweepEdit]>(SIGNAL.editSweep, { parallelism: 3, budget: { trials: 3 } });
    const view = await until(handle, ({ runs }) => runs.length === 3);
    expect(view).toMatchObject({ parallelism: 3, budget: { trials: 3 } });
    open?.();
    expect((await handle.result()).tally).toMatchObject({ started: 3, completed: 3 });
  });

  it('ends at its wall time, whatever runs', async () => {
    const handle = await harness.sweep(
      { only: {} },
      { ...base, budget: { trials: 6, wallSeconds: 2 } },
      hangs,
    );
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: {
        code: 'MetricMissing',
        actual: 'its 2 s are over; 1 trials begun, 0 failed, 0 reports were no numbers',
      },
      tally: { started: 1, stopped: 1 },
    });
  });

  it('ends when its device-seconds are used up, in the middle of a trial', async () => {
    const handle = await harness.sweep(
      { only: {} },
      { ...base, budget: { trials: 6, deviceSeconds: 1 } },
      hangs,
    );
    expect((await handle.result()).tally).toMatchObject({ started: 1, stopped: 1 });
  });

  it('goes on when trials fail, and shows metrics that are no numbers', async () => {
    const handle = await harness.sweep({ only: { retry: { own: 0 } } }, base, async (job) => {
      const steps = Number(job.params['steps']);
      if (steps === 1) throw failWith('NonFiniteLoss', 'The loss is NaN.');
      return { ...stageResult(job), summary: { steps: steps === 2 ? NaN : steps } };
    });
    expect((await handle.result()).tally).toMatchObject({
      started: 6,
      completed: 5,
      failed: 1,
      notNumbers: 1,
      best: { point: { steps: 3 } },
    });
  });

  it('of which no report is a number says so in plain words', async () => {
    const handle = await harness.sweep({ only: {} }, { ...base, budget: { trials: 2 } }, async (job) => ({
      ...stageResult(job),
      summary: { steps: NaN },
    }));
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: {
        actual: 'every trial has come to its end; 2 trials begun, 0 failed, 2 reports were no numbers',
      },
      tally: { completed: 2, notNumbers: 2 },
    });
  });

  it('ends at once when the first trial does not report its metric', async () => {
    const handle = await harness.sweep({ only: {} }, base, async (job) => ({
      ...stageResult(job),
      summary: { other: 1 },
    }));
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      error: { code: 'MetricMissing', expected: 'only.steps', actual: 'other' },
      tally: { started: 1, failed: 1 },
    });
  });

  it('that is cancelled stops its trials and is written down', async () => {
    const handle = await harness.sweep({ only: {} }, base, hangs);
    await until(handle, ({ runs }) => runs.length === 1);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ status: 'stopped' });
  });
});
