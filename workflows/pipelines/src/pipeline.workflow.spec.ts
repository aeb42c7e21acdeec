import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { DecideStage, PipelineSpec, RunView, StageJob, StageState } from '@vitrine/contracts';
import { SIGNAL, stageWorkflowId } from '@vitrine/contracts/names';
import { planRun } from '@vitrine/planning';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { bundle } from './testing/bundle.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start(inject('temporal'), await bundle());
});
afterAll(() => harness.stop());

const once = { retry: { own: 0, infrastructure: 0 } };

function states(view: RunView): Record<string, StageState> {
  return Object.fromEntries(Object.entries(view.stages).map(([name, { state }]) => [name, state]));
}

/** Resolves when `count` callers have arrived, so that it never does for stages run one after another. */
function meeting(count: number): () => Promise<void> {
  let open: () => void;
  const met = new Promise<void>((resolve) => (open = resolve));
  return () => {
    count -= 1;
    if (count === 0) open();
    return met;
  };
}

/** Waits until the activity is cancelled, heartbeating so that it hears of it. */
async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}

describe('a pipeline', () => {
  it('runs a diamond in order, handing outputs on, and ends sealed', async () => {
    const jobs: StageJob[] = [];
    const diamond = { top: [], left: ['top'], right: ['top'], bottom: ['left', 'right'] };
    const both = meeting(2);
    const view = await harness.run(diamond, async (job) => {
      jobs.push(job);
      // Left and right meet while both are running: independent stages overlap.
      if (job.stage === 'left' || job.stage === 'right') await both();
      return stageResult(job);
    });
    expect(view.status).toBe('succeeded');
    expect(states(view)).toEqual({
      top: 'succeeded',
      left: 'succeeded',
      right: 'succeeded',
      bottom: 'succeeded',
    });
    expect(jobs.map(({ stage }) => stage)).toEqual(['top', expect.anything(), expect.anything(), 'bottom']);
    expect(jobs[3]?.inputs).toEqual({
      after: { left: view.stages['left']?.outputs?.['done'], right: view.stages['right']?.outputs?.['done'] },
    });
    const [sealed] = harness.sealed.slice(-1);
    expect(sealed).toMatchObject({
      request: { runId: view.runId },
      status: 'succeeded',
      endedAt: view.endedAt,
      stages: view.stages,
    });
  });

  it('skips what needs a failed stage, goes on elsewhere, and ends failed with every error', async () => {
    const view = await harness.run(
      {
        bad: once,
        worse: once,
        child: ['bad'],
        grandchild: ['child', 'good'],
        good: [],
        after: ['good'],
      },
      async (job) => {
        if (job.stage === 'bad')
          throw failWith('DatasetMissing', 'There are no images.', { where: 'folder x' });
        if (job.stage === 'worse') throw failWith('StageFailed', 'It broke.');
        return stageResult(job);
      },
    );
    expect(view.status).toBe('failed');
    expect(states(view)).toEqual({
      bad: 'failed',
      worse: 'failed',
      child: 'skipped',
      grandchild: 'skipped',
      good: 'succeeded',
      after: 'succeeded',
    });
    expect(view.stages['bad']?.error).toMatchObject({
      code: 'DatasetMissing',
      message: 'There are no images.',
      where: 'folder x',
      hint: expect.stringContaining('vitrine data'),
    });
    expect(view.stages['worse']?.error?.code).toBe('StageFailed');
    expect(view.stages['child']?.skipped).toEqual({ intended: false, reason: 'it needs bad, which failed' });
    expect(harness.sealed.at(-1)).toMatchObject({ status: 'failed', stages: view.stages });
  });

  it('skips a stage whose demand on an earlier result is not met, with what needs it, and has succeeded all the same', async () => {
    const demands = (bound: number) => ({ when: [{ stage: 'first', field: 'steps', atLeast: bound }] });
    const view = await harness.run(
      {
        first: [],
        met: demands(3),
        unmet: demands(4),
        after: ['unmet'],
        both: { ...demands(4), inputs: { after: { met: 'met.done' } } },
      },
      async (job) => ({ ...stageResult(job), summary: { steps: 3 } }),
    );
    expect(view.status).toBe('succeeded');
    expect(states(view)).toEqual({
      first: 'succeeded',
      met: 'succeeded',
      unmet: 'skipped',
      after: 'skipped',
      both: 'skipped',
    });
    const reason = 'steps of stage first is 3, expected at least 4';
    expect(view.stages['unmet']?.skipped).toEqual({ intended: true, reason });
    expect(view.stages['after']?.skipped).toEqual({
      intended: true,
      reason: 'it needs unmet, which was skipped',
    });
    expect(view.stages['met']?.needs).toEqual(['first']);
  });

  describe('with a stage that needs approval', () => {
    const stages = {
      first: [],
      gated: { approval: {}, inputs: { after: { a: 'first.done' } } },
      after: ['gated'],
    };
    const decide = (handle: Awaited<ReturnType<typeof harness.submit>>, approved: boolean) =>
      handle.signal<[DecideStage]>(SIGNAL.decideStage, {
        stage: 'gated',
        decision: { approved, by: 'somebody', comment: 'I looked.' },
      });
    const submit = () => harness.submit(stages, async (job) => stageResult(job));
    const untilHeld = async (handle: Awaited<ReturnType<typeof submit>>): Promise<void> => {
      for (;;) {
        const view = await handle.view();
        if (view.stages['gated']?.state === 'held') return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };

    it('holds it until somebody approves, and says who did', async () => {
      const handle = await submit();
      await untilHeld(handle);
      await decide(handle, true);
      const view = await handle.result();
      expect(view.status).toBe('succeeded');
      expect(view.stages['gated']?.decision).toMatchObject({
        approved: true,
        by: 'somebody',
        comment: 'I looked.',
      });
    });

    it('does not hold it when it was approved before, and takes the first decision', async () => {
      const handle = await submit();
      await decide(handle, true);
      await decide(handle, false);
      expect((await handle.result()).status).toBe('succeeded');
    });

    it('fails when somebody decides against it', async () => {
      const handle = await submit();
      await untilHeld(handle);
      await decide(handle, false);
      const view = await handle.result();
      expect(states(view)).toEqual({ first: 'succeeded', gated: 'failed', after: 'skipped' });
      expect(view.stages['gated']?.error).toMatchObject({ code: 'Rejected', actual: 'somebody: I looked.' });
    });

    it('ends when it is cancelled while the stage is held', async () => {
      const handle = await submit();
      await untilHeld(handle);
      await handle.cancel();
      const view = await handle.result();
      expect(view.status).toBe('cancelled');
      expect(states(view)).toEqual({ first: 'succeeded', gated: 'cancelled', after: 'skipped' });
    });
  });

  it('regression for dagster-io/dagster#15013: is cancelled at whatever moment of its start it is asked to', async () => {
    // Before, while and after the workflows of its stages are started.
    const moments = Array.from({ length: 30 }, (_, index) => index);
    const cancelAfter = async (delay: number): Promise<string> => {
      const handle = await harness.submit({ one: [], two: [] }, untilCancelled);
      await sleep(delay);
      await handle.cancel();
      return (await handle.result()).status;
    };
    for (const delay of moments) expect(await cancelAfter(delay)).toBe('cancelled');
  });

  it('cancels its stages when it is cancelled, waits until they have ended, and is sealed', async () => {
    const ended: string[] = [];
    const both = meeting(3);
    const handle = await harness.submit({ one: [], two: [], three: ['one'] }, async (job) => {
      void both();
      try {
        return await untilCancelled();
      } finally {
        ended.push(job.stage);
      }
    });
    await both();
    const open = await handle.view();
    expect(open.status).toBe('running');
    expect(states(open)).toEqual({ one: 'queued', two: 'queued', three: 'waiting' });
    await handle.cancel();
    const view = await handle.result();
    expect(ended.sort()).toEqual(['one', 'two']);
    expect(view.status).toBe('cancelled');
    expect(states(view)).toEqual({ one: 'cancelled', two: 'cancelled', three: 'skipped' });
    expect(view.stages['one']?.error?.code).toBe('Cancelled');
    expect(harness.sealed.at(-1)).toMatchObject({ status: 'cancelled', stages: view.stages });
  });

  it('is open until its record is stored', async () => {
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    const asked = new Promise<void>((resolve) => {
      harness.beforeSeal = () => {
        resolve();
        return stored;
      };
    });
    try {
      const handle = await harness.submit({ only: [] }, async (job) => stageResult(job));
      await asked;
      const open = await handle.view();
      expect(open.status).toBe('running');
      expect(open).not.toHaveProperty('endedAt');
      expect(states(open)).toEqual({ only: 'succeeded' });
      store();
      expect((await handle.result()).status).toBe('succeeded');
      expect((await handle.view()).status).toBe('succeeded');
    } finally {
      harness.beforeSeal = () => Promise.resolve();
    }
  });

  it('has succeeded when the work was done before the cancellation got through', async () => {
    const started = meeting(2);
    const handle = await harness.submit({ only: [] }, async (job) => {
      void started();
      try {
        return await untilCancelled();
      } catch (reason) {
        if (reason instanceof CancelledFailure) return stageResult(job);
        throw reason;
      }
    });
    await started();
    await handle.cancel();
    expect((await handle.result()).status).toBe('succeeded');
  });

  it('marks its stages with its search attributes', async () => {
    const handle = await harness.submit({ only: [] }, async (job) => stageResult(job));
    const { runId, project } = await handle.result();
    const child = harness.client.workflow.getHandle(stageWorkflowId(project, runId, 'only'));
    const { searchAttributes } = await child.describe();
    expect(searchAttributes).toMatchObject({ VitrineProject: ['default'], VitrinePipeline: ['test'] });
  });

  it('fails at once, with the reason, on a graph that cannot be planned', async () => {
    const spec = {
      name: 'cyclic',
      project: 'default',
      seed: 0,
      stages: {
        a: { kind: 'noop', pool: harness.pool, inputs: { after: { b: 'b.done' } } },
        b: { kind: 'noop', pool: harness.pool, inputs: { after: { a: 'a.done' } } },
      },
    } as unknown as PipelineSpec;
    const request = planRun({
      spec,
      runId: `cyclic-${harness.pool}`,
      codeVersion: 'code',
      submittedAt: 'now',
    });
    const handle = await harness.startWorkflow(request);
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        type: 'InvalidSpec',
        details: [{ code: 'InvalidSpec', actual: 'stages a, b: expected no cycle' }],
      },
    });
  });

  it('fails a stage that left out an output another one needs', async () => {
    const view = await harness.run({ first: [], second: ['first'] }, async (job) => ({
      ...stageResult(job),
      outputs: {},
    }));
    expect(states(view)).toEqual({ first: 'succeeded', second: 'failed' });
    expect(view.stages['second']?.error?.message).toBe('stage second: first gave no output done');
  });
});
