import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { StageJob, SweepEdit, SweepView, SweepWorkflow } from '@vitrine/contracts';
import { QUERY, SIGNAL } from '@vitrine/contracts/names';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { fetchHistory } from './testing/histories.js';
import { keepHistory } from './testing/keep-history.js';
import { stageResult } from './testing/results.js';

const server = inject('shortHistories');
let harness: PipelineHarness;
let code: { code: string };
beforeAll(async () => {
  code = await bundle();
  harness = await PipelineHarness.start(server, code);
});
afterAll(() => harness.stop());

const TRIALS = 40;
const AT_A_TIME = 4;

const over = (trials: number) => ({
  space: { steps: { type: 'int', low: 1, high: trials, set: 'stages.only.params.steps' } },
  objective: { metric: 'only.steps', direction: 'minimize' },
  sampler: { kind: 'grid' },
  budget: { trials },
});

const counts = async (job: StageJob) => ({ ...stageResult(job), summary: { steps: job.params['steps'] } });

interface Event {
  readonly eventType: string;
  readonly workflowExecutionContinuedAsNewEventAttributes?: { readonly newExecutionRunId: string };
}

/** The executions of a sweep, each with its events. */
async function chainOf(handle: WorkflowHandle<SweepWorkflow>, firstRunId: string) {
  const chain: { readonly handle: WorkflowHandle<SweepWorkflow>; readonly events: readonly Event[] }[] = [];
  for (let runId: string | undefined = firstRunId; runId !== undefined;) {
    const one: WorkflowHandle<SweepWorkflow> = harness.client.workflow.getHandle<SweepWorkflow>(
      handle.workflowId,
      runId,
    );
    const { events } = (await fetchHistory(one)) as { events: Event[] };
    chain.push({ handle: one, events });
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return chain;
}

async function until(
  handle: WorkflowHandle<SweepWorkflow>,
  holds: (view: SweepView) => boolean,
): Promise<void> {
  while (!holds(await handle.query<SweepView>(QUERY.sweepView)))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('the history of a sweep', () => {
  it('stays short however many trials there are: it goes on in a new one, with none under way, and forgets nothing', async () => {
    const computed: unknown[] = [];
    const spec = { ...over(TRIALS), parallelism: 2 };
    const handle = await harness.sweep({ only: { cache: false } }, spec, (job) => {
      computed.push(job.params['steps']);
      return counts(job);
    });
    const first = await handle.describe();
    await handle.signal<[SweepEdit]>(SIGNAL.editSweep, { parallelism: AT_A_TIME });
    const view = await handle.result();
    expect(view).toMatchObject({
      status: 'succeeded',
      parallelism: AT_A_TIME,
      tally: {
        started: TRIALS,
        completed: TRIALS,
        stages: { computed: TRIALS },
        best: { point: { steps: 1 } },
      },
    });
    expect(computed.toSorted((one, other) => Number(one) - Number(other))).toEqual(
      Array.from({ length: TRIALS }, (_, index) => index + 1),
    );
    const chain = await chainOf(handle, first.runId);
    expect(chain.length).toBeGreaterThan(1);
    const of = (events: readonly Event[], type: string): number =>
      events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`).length;
    for (const { events } of chain) {
      // What is under way when the history has become long ends in it, with a dozen events or two each.
      expect(events.length).toBeLessThan(server.events + 25 * AT_A_TIME);
      expect(of(events, 'CHILD_WORKFLOW_EXECUTION_STARTED')).toBe(
        of(events, 'CHILD_WORKFLOW_EXECUTION_COMPLETED'),
      );
    }
    const [begin, next] = chain;
    if (!begin || !next) throw new Error('it did not go on in a new history');
    await keepHistory(code, 'sweep', begin.handle, 'continued');
    await keepHistory(code, 'sweep', next.handle, 'carried');
  }, 180_000);

  it('carries what is open through the store where it is too long to travel, and loses none of it', async () => {
    const TRIALS = 6;
    const values = Array.from({ length: TRIALS }, (_, index) => `${index}`.repeat(200_000));
    const spec = {
      ...over(TRIALS),
      space: { note: { type: 'choice', values, set: 'stages.only.params.note' } },
      parallelism: TRIALS,
    };
    let held = true;
    const computed = new Set<unknown>();
    const handle = await harness.sweep({ only: { cache: false } }, spec, async (job) => {
      const { cancelled, heartbeat } = Context.current();
      const timer = setInterval(heartbeat, 50);
      if (held) await cancelled.finally(() => clearInterval(timer));
      clearInterval(timer);
      computed.add(String(job.params['note']).charAt(0));
      return { ...stageResult(job), summary: { steps: 1 } };
    });
    const latest = async (): Promise<string> => (await handle.describe()).runId;
    const first = await latest();
    const pause = async (): Promise<void> => {
      await handle.signal(SIGNAL.commandSweep, 'pause');
      await until(handle, ({ runs, status }) => status === 'paused' && runs.length === 0);
    };
    for (; (await latest()) === first; await pause()) {
      await handle.signal(SIGNAL.commandSweep, 'resume');
      // In its next history, where this one is long already.
      await until(handle, ({ runs }) => runs.length === TRIALS);
    }
    await pause();
    held = false;
    await handle.signal(SIGNAL.commandSweep, 'resume');
    expect((await handle.result()).tally).toMatchObject({ started: TRIALS, completed: TRIALS });
    expect([...computed].toSorted()).toEqual(['0', '1', '2', '3', '4', '5']);
    const stored = [...harness.sweeps.open.values()].flatMap(({ waiting }) => waiting);
    expect(stored.length).toBeGreaterThanOrEqual(TRIALS);
    const chain = await chainOf(handle, first);
    for (const { events } of chain) expect(JSON.stringify(events[0]).length).toBeLessThan(2 * 2 ** 20);
  }, 180_000);

  it('whose trials failed or reported replays', async () => {
    const handle = await harness.sweep({ only: { retry: { own: 0 } } }, over(3), async (job) => {
      if (job.params['steps'] === 2) throw failWith('NonFiniteLoss', 'The loss is NaN.');
      return counts(job);
    });
    await handle.result();
    await keepHistory(code, 'sweep', handle, 'succeeded');
  });

  it('that was paused, resumed and stopped replays', async () => {
    let atWork = 0;
    const handle = await harness.sweep({ only: {} }, over(3), async () => {
      atWork += 1;
      const { cancelled, heartbeat } = Context.current();
      const timer = setInterval(heartbeat, 50);
      return cancelled.finally(() => clearInterval(timer));
    });
    await until(handle, ({ runs }) => runs.length === 1 && atWork === 1);
    await handle.signal(SIGNAL.commandSweep, 'pause');
    await until(handle, ({ runs }) => runs.length === 0);
    await handle.signal(SIGNAL.commandSweep, 'resume');
    await until(handle, ({ runs }) => runs.length === 1 && atWork === 2);
    await handle.signal(SIGNAL.commandSweep, 'stop');
    await handle.result();
    await keepHistory(code, 'sweep', handle, 'stopped');
  });
});
