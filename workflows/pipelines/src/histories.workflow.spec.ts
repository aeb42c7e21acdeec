import { Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import { stageWorkflowId } from '@vitrine/contracts/names';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { fetchHistory, recordedHistories, writeHistory } from './testing/histories.js';
import { stageResult } from './testing/results.js';

/** Raised when a workflow's shape changes; histories of older shapes stay and must still replay. */
const SHAPE = 'v1';

/**
 * Records the committed histories anew when this is set:
 * `VITRINE_RECORD_HISTORIES=1 npx vitest run --project services workflows/pipelines/src/histories`.
 */
const recording = process.env['VITRINE_RECORD_HISTORIES'] === '1';

let harness: PipelineHarness;
let code: { code: string };
beforeAll(async () => {
  code = await bundle();
  harness = await PipelineHarness.start(inject('temporal'), code);
}, 60_000);
afterAll(() => harness.stop());

type Handle = Awaited<ReturnType<PipelineHarness['submit']>>;

/** Fetches the histories of a run and of one of its stages, replays both, and records them when asked to. */
async function keep(handle: Handle, { name, stage }: { name: string; stage: string }): Promise<void> {
  const { project, runId } = await handle.result();
  const child = harness.client.workflow.getHandle(stageWorkflowId(project, runId, stage));
  for (const [workflow, source] of [
    ['pipeline', handle],
    ['stage', child],
  ] as const) {
    const recorded = { name: `${workflow}-${SHAPE}-${name}.json`, history: await fetchHistory(source) };
    await Worker.runReplayHistory({ workflowBundle: code }, recorded.history, source.workflowId);
    if (recording) writeHistory(recorded);
    expect(recordedHistories().map((one) => one.name)).toContain(recorded.name);
  }
}

describe('the history of a run', () => {
  const diamond = { top: [], left: ['top'], right: ['top'], bottom: ['left', 'right'] };

  it('that succeeded replays', async () => {
    const handle = await harness.submit(diamond, async (job) => stageResult(job));
    await keep(handle, { name: 'succeeded', stage: 'bottom' });
  });

  it('with a failed stage replays', async () => {
    const handle = await harness.submit(diamond, async (job) => {
      if (job.stage === 'left') throw failWith('NonFiniteLoss', 'The loss is NaN.', { where: 'step 3' });
      return stageResult(job);
    });
    await keep(handle, { name: 'failed', stage: 'left' });
  });

  it('with a stage that was tried again replays', async () => {
    let attempts = 0;
    const handle = await harness.submit({ only: [] }, async (job) => {
      attempts += 1;
      if (attempts <= 2) throw failWith(attempts === 1 ? 'ChildKilled' : 'StageFailed', 'It broke.');
      return stageResult(job);
    });
    await keep(handle, { name: 'retried', stage: 'only' });
  });

  it('that was cancelled replays', async () => {
    let started: () => void;
    const running = new Promise<void>((resolve) => (started = resolve));
    const handle = await harness.submit({ only: [], next: ['only'] }, async () => {
      started();
      const { cancelled, heartbeat } = Context.current();
      const timer = setInterval(heartbeat, 50);
      return cancelled.finally(() => clearInterval(timer));
    });
    await running;
    await handle.cancel();
    await keep(handle, { name: 'cancelled', stage: 'only' });
  });
});
