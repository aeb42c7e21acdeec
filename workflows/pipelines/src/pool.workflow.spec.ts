import { Context } from '@temporalio/activity';
import type { StageJob } from '@vitrine/contracts';
import { SIGNAL } from '@vitrine/contracts/names';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { PoolDouble } from './testing/pool-double.js';
import { stageResult } from './testing/results.js';

let code: { code: string };
const open: PipelineHarness[] = [];
beforeAll(async () => {
  code = await bundle();
});
afterAll(() => Promise.all(open.map((harness) => harness.stop())));

/** A harness of its own: a pool is one for all tests of it. */
async function start(server = inject('temporal')): Promise<PipelineHarness> {
  const harness = await PipelineHarness.start(server, code);
  open.push(harness);
  return harness;
}

/** A run whose stages ask their pool for devices. */
const asking = (harness: PipelineHarness, priority?: string) => ({
  allocated: [harness.pool],
  ...(priority !== undefined && { priority }),
});

/** Stages that run until they are let go. */
class Gate {
  readonly begun: string[] = [];
  private readonly open = new Map<string, () => void>();

  readonly stage = async (job: StageJob) => {
    this.begun.push(job.stage);
    const { cancelled, heartbeat } = Context.current();
    const beats = setInterval(heartbeat, 100);
    await Promise.race([
      new Promise<void>((resolve) => this.open.set(job.stage, resolve)),
      cancelled,
    ]).finally(() => clearInterval(beats));
    return stageResult(job);
  };

  release(stage: string): void {
    this.open.get(stage)?.();
  }

  async until(stage: string): Promise<void> {
    while (!this.begun.includes(stage)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a pool with a policy', () => {
  it('runs a stage on the worker that it was given, and gives the devices on when it has ended', async () => {
    const harness = await start();
    const pool = await PoolDouble.start(harness, {}, { box: 1 });
    const workers: unknown[] = [];
    const view = await harness.run(
      { first: [], second: [] },
      async (job) => {
        workers.push(Context.current().info.taskQueue);
        return stageResult(job);
      },
      asking(harness),
    );
    expect(view.status).toBe('succeeded');
    expect(workers).toEqual(Array(2).fill(`vitrine.pool.${harness.pool}@box`));
    const { held, waiting, projects } = await pool.until(({ held }) => held.length === 0);
    expect([held, waiting]).toEqual([[], []]);
    expect(projects[0]).toMatchObject({ project: 'default', held: 0 });
  });

  it('serves the higher class first, and says who waits for whom and why', async () => {
    const harness = await start();
    const pool = await PoolDouble.start(harness, { preemption: { mode: 'never' } }, { box: 1 });
    const gate = new Gate();
    const first = await harness.submit({ first: [] }, gate.stage, asking(harness));
    await gate.until('first');
    const low = await harness.submit({ low: [] }, undefined, asking(harness, 'low'));
    await pool.until(({ waiting }) => waiting.length === 1);
    const high = await harness.submit({ high: [] }, undefined, asking(harness, 'high'));
    const { waiting } = await pool.until((view) => view.waiting.length === 2);
    expect(waiting).toMatchObject([
      {
        stage: 'high',
        position: 1,
        reason: { code: 'busy', free: 0 },
        why: 'It wants a device, and none is free.',
        heldBy: [{ stage: 'first', devices: 1 }],
      },
      { stage: 'low', position: 2 },
    ]);
    for (const stage of ['first', 'high', 'low']) {
      await gate.until(stage);
      gate.release(stage);
    }
    await Promise.all([first, low, high].map((run) => run.result()));
    expect(gate.begun).toEqual(['first', 'high', 'low']);
  });

  it('asks a lower class to give way, and lets it go on when the higher one has ended', async () => {
    const harness = await start();
    const preemption = { minimumRunSeconds: 0 };
    const pool = await PoolDouble.start(harness, { preemption }, { box: 1 });
    const gate = new Gate();
    const low = await harness.submit({ low: [] }, gate.stage, asking(harness, 'low'));
    await gate.until('low');
    const { held } = await pool.view();
    const high = await harness.submit({ high: [] }, undefined, asking(harness, 'high'));
    await pool.until((view) => view.held[0]?.yielding === true);
    expect(held[0]).toMatchObject({ stage: 'low', yielding: false });
    expect((await pool.view()).waiting[0]).toMatchObject({ stage: 'high', reason: { code: 'yielding' } });
    // Its worker stops it; what is told of that is another test's.
    harness.stage = async (job) => {
      if (job.stage === 'low') gate.begun.push('low again');
      return job.stage === 'high' ? gate.stage(job) : stageResult(job);
    };
    gate.release('low');
    await gate.until('high');
    gate.release('high');
    await Promise.all([low.result(), high.result()]);
    expect((await pool.until((view) => view.held.length === 0)).waiting).toEqual([]);
  });

  it('takes a stage back that its worker gave up for another, without charging a budget', async () => {
    const harness = await start();
    await PoolDouble.start(harness, {}, { box: 1 });
    let attempts = 0;
    const view = await harness.run(
      { only: { retry: { infrastructure: 0, own: 0 } } },
      async (job) => {
        attempts += 1;
        if (attempts === 1) throw failWith('Preempted', 'Its devices were wanted.');
        return stageResult(job);
      },
      asking(harness),
    );
    expect([attempts, view.status]).toEqual([2, 'succeeded']);
  });

  it('no longer keeps a place for a run that was cancelled', async () => {
    const harness = await start();
    const pool = await PoolDouble.start(harness, {}, {});
    const run = await harness.submit({ only: [] }, undefined, asking(harness));
    const [waiting] = (await pool.until((view) => view.waiting.length === 1)).waiting;
    expect(waiting).toMatchObject({ reason: { code: 'noWorker' } });
    await run.cancel();
    expect((await run.result()).status).toBe('cancelled');
    await pool.until((view) => view.waiting.length === 0);
  });

  it('fails a stage that waits for longer than it wants to', async () => {
    const harness = await start();
    await PoolDouble.start(harness, {}, {});
    const view = await harness.run({ only: { timeouts: { queueSeconds: 1 } } }, undefined, asking(harness));
    expect(view.stages['only']?.error).toMatchObject({
      code: 'TimedOut',
      where: 'timeouts.queueSeconds',
      hint: `\`vitrine pools show ${harness.pool}\` says what stands in the way.`,
    });
  });

  it('frees the devices of a run that was terminated, once its worker no longer names it', async () => {
    const harness = await start();
    const pool = await PoolDouble.start(harness, {}, { box: 1 });
    const gate = new Gate();
    const run = await harness.submit({ only: [] }, gate.stage, asking(harness));
    await gate.until('only');
    const { workflowId } = run;
    await harness.client.workflow.getHandle(`${workflowId}/only`).terminate('a test');
    for (let reports = 0; reports < 4; reports += 1) {
      expect((await pool.view()).held).toHaveLength(1);
      await pool.report('box', { leases: {} });
    }
    await pool.until((view) => view.held.length === 0);
    gate.release('only');
    await run.result();
  });

  it('sends who waits to where who comes first is served when it loses its policy', async () => {
    const harness = await start();
    const pool = await PoolDouble.start(harness, {}, {});
    const run = await harness.submit({ only: [], next: ['only'] }, undefined, asking(harness));
    await pool.until((view) => view.waiting.length === 1);
    await pool.handle.signal(SIGNAL.retirePool);
    expect((await run.result()).status).toBe('succeeded');
    await pool.handle.result();
  });

  it('loses nothing of what it knows when its history is long', async () => {
    const harness = await start(inject('shortHistories'));
    const pool = await PoolDouble.start(harness, {}, { box: 2 });
    const { runId } = await pool.handle.describe();
    const stages = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`stage-${index}`, []]));
    const view = await harness.run(stages, undefined, asking(harness));
    expect(view.status).toBe('succeeded');
    const latest = await harness.client.workflow.getHandle(pool.handle.workflowId).describe();
    expect(latest.runId).not.toBe(runId);
    const { workers, held } = await harness.client.workflow
      .getHandle(pool.handle.workflowId)
      .query<Awaited<ReturnType<typeof pool.view>>>('poolView');
    expect(workers).toMatchObject([{ worker: 'box', devices: 2 }]);
    expect(held).toEqual([]);
  });
});
