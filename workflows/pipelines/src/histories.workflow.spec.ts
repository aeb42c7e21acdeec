import { Context } from '@temporalio/activity';
import type { DecideStage } from '@vitrine/contracts';
import { elementsWorkflowId, flightWorkflowId, SIGNAL, stageWorkflowId } from '@vitrine/contracts/names';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness, type Run } from './testing/harness.js';
import { fetchHistory } from './testing/histories.js';
import { keepHistory } from './testing/keep-history.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
let code: { code: string };
beforeAll(async () => {
  code = await bundle();
  harness = await PipelineHarness.start(inject('temporal'), code);
});
afterAll(() => harness.stop());

/** Fetches the histories of a run and of one of its stages, replays both, and records them when asked to. */
async function keep(handle: Run, { name, stage }: { name: string; stage: string }): Promise<void> {
  const { project, runId } = await handle.result();
  const child = harness.client.workflow.getHandle(stageWorkflowId(project, runId, stage));
  await keepHistory(code, 'pipeline', handle.workflow, name);
  await keepHistory(code, 'stage', child, name);
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

  it('whose result was computed for others, was waited for, and was found, replays', async () => {
    const stages = { only: { cache: true } };
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const one = await harness.submit(stages, async (job) => {
      await gate;
      return stageResult(job);
    });
    while (harness.cache.looks.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await harness.submit(stages);
    const joined = async () => {
      const history = JSON.stringify(
        await fetchHistory(harness.client.workflow.getHandle(`${other.workflowId}/only`)).catch(() => ''),
      );
      return history.includes('EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED');
    };
    while (!(await joined())) await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    await keep(one, { name: 'computed', stage: 'only' });
    await keep(other, { name: 'shared', stage: 'only' });
    const last = await harness.submit(stages);
    await keep(last, { name: 'found', stage: 'only' });
    const { key = '' } = (await last.result()).stages['only']?.cache ?? {};
    await keepHistory(
      code,
      'flight',
      harness.client.workflow.getHandle(flightWorkflowId('default', key)),
      'succeeded',
    );
  });

  it('whose stages were approved, or skipped by a demand, replays', async () => {
    const when = [{ stage: 'only', field: 'steps', atLeast: 1 }];
    const handle = await harness.submit({ only: { approval: {} }, next: { when } }, async (job) =>
      stageResult(job),
    );
    await handle.signal<[DecideStage]>(SIGNAL.decideStage, {
      stage: 'only',
      decision: { approved: true, by: 'somebody', comment: '' },
    });
    await keep(handle, { name: 'approved', stage: 'only' });
  });

  it('with a stage that was many replays', async () => {
    const items = [1, 2, 3];
    const handle = await harness.submit(
      { many: { forEach: { items, params: { steps: 'item' } } } },
      async (job) => {
        if (job.params['steps'] === 2) throw failWith('NonFiniteLoss', 'The loss is NaN.');
        return stageResult(job);
      },
    );
    const { project, runId } = await handle.result();
    await keepHistory(code, 'pipeline', handle.workflow, 'many');
    await keepHistory(
      code,
      'elements',
      harness.client.workflow.getHandle(elementsWorkflowId(project, runId, 'many')),
      'failed',
    );
  });

  it('that was only planned replays', async () => {
    const handle = await harness.plan({ only: { cache: true }, next: ['only'] });
    await handle.result();
    await keepHistory(code, 'plan', handle, 'succeeded');
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
