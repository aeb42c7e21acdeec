import type { StageJob } from '@vitrine/contracts';
import { elementsWorkflowId } from '@vitrine/contracts/names';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { failWith } from './testing/failures.js';
import { PipelineHarness } from './testing/harness.js';
import { fetchHistory } from './testing/histories.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start(inject('temporal'), await bundle());
});
afterAll(() => harness.stop());

const STAGES = 1000;
/** What travels in one payload; the server refuses more. */
const MOST_BYTES = 2 * 2 ** 20;
/** Of each stage's result: together they are more than travels. */
const LONG = 'x'.repeat(2500);

/** One that all others need, and one that needs them all. */
function wide(): Record<string, readonly string[]> {
  const middle = Array.from({ length: STAGES - 2 }, (_, index) => `middle-${index}`);
  return { first: [], ...Object.fromEntries(middle.map((name) => [name, ['first']])), last: middle };
}

describe('a run of a thousand stages', () => {
  it('is seen while it runs, ends sealed with all of them, and sends nothing that is too long to travel', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const lastBegan = new Promise<StageJob>((resolve) => {
      harness.stage = async (job) => {
        if (job.stage === 'last') {
          resolve(job);
          await gate;
        }
        return { ...stageResult(job), summary: { steps: 0, text: LONG } };
      };
    });
    const handle = await harness.submit(wide());
    await lastBegan;
    const seen = await handle.view();
    open();
    expect(Object.keys(seen.stages)).toHaveLength(STAGES);
    expect(seen.stages['last']?.state).toBe('queued');
    expect(JSON.stringify(seen).length).toBeGreaterThan(MOST_BYTES);
    const view = await handle.result();
    expect(view.status).toBe('succeeded');
    expect(Object.values(view.stages).filter(({ state }) => state === 'succeeded')).toHaveLength(STAGES);
    expect(Object.keys(view.stages['last']?.needs ?? {})).toHaveLength(STAGES - 2);

    // Payloads are base64 in it, a third longer than they travel.
    const { events } = (await fetchHistory(handle.workflow)) as { events: unknown[] };
    const sizes = events.map((event) => JSON.stringify(event).length);
    expect(Math.max(...sizes)).toBeLessThan(MOST_BYTES);
    // A history holds 51,200 events and 50 MiB.
    expect(sizes.length).toBeLessThan(12_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(20 * 2 ** 20);
  }, 300_000);

  it('ends when the first of them fails, with every other one skipped for it', async () => {
    const handle = await harness.submit({ ...wide(), first: { retry: { own: 0 } } }, async () => {
      throw failWith('NonFiniteLoss', 'The loss is NaN.');
    });
    const view = await handle.result();
    const skipped = Object.values(view.stages).filter(({ state }) => state === 'skipped');
    expect(view.status).toBe('failed');
    expect(skipped).toHaveLength(STAGES - 1);
  }, 120_000);
});

/** A result that is as long as it may be. */
function fullResult(job: StageJob) {
  const result = stageResult(job);
  const room = (job.resultCharacters ?? 0) - JSON.stringify(result).length - 100;
  return { ...result, summary: { steps: 0, text: 'x'.repeat(room) } };
}

/** The server ends a run whose history has more bytes. */
const HISTORY_BYTES = 50 * 2 ** 20;

describe('results that are as long as they may be', () => {
  it('are all held in one history by a run of two hundred stages', async () => {
    const stages = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`stage-${index}`, {}]));
    const handle = await harness.submit(stages, async (job) => fullResult(job));
    const view = await handle.result();
    expect(view.status).toBe('succeeded');
    expect(JSON.stringify(view).length).toBeGreaterThan(7 * 2 ** 20);
    const { historySize } = await handle.workflow.describe();
    expect(historySize).toBeGreaterThan(15 * 2 ** 20);
    expect(historySize).toBeLessThan(HISTORY_BYTES / 2);
  }, 300_000);

  it('are written down by a fan-out in messages that travel, though they come at once', async () => {
    const forEach = { items: [...Array(30).keys()], params: { steps: 'item' }, maxParallel: 30 };
    const handle = await harness.submit({ many: { forEach } }, async (job) => fullResult(job));
    const view = await handle.result();
    expect(view.stages['many']?.elements).toMatchObject({ total: 30, succeeded: 30 });
    const last = harness.client.workflow.getHandle(elementsWorkflowId('default', view.runId, 'many'));
    expect((await last.describe()).historySize).toBeLessThan(HISTORY_BYTES / 2);
  }, 300_000);
});

describe('a second identical run of many stages', () => {
  it('is found ahead, without a workflow for any of its stages, up to what is new', async () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, index) => {
          const after = index === 0 ? {} : { before: `step-${index - 1}.done` };
          return [`step-${index}`, { cache: true, seed: 7700 + index, inputs: { after } }];
        }),
      );
    const computed: string[] = [];
    const compute = async (job: StageJob) => {
      computed.push(job.stage);
      return stageResult(job);
    };
    await harness.run(chain(10), compute);
    computed.length = 0;
    const handle = await harness.submit(chain(12), compute);
    const view = await handle.result();
    expect(computed).toEqual(['step-10', 'step-11']);
    const outcomes = Object.values(view.stages).map(({ cache }) => cache?.outcome);
    expect(outcomes.filter((outcome) => outcome === 'hit')).toHaveLength(10);
    const { events } = (await fetchHistory(handle.workflow)) as { events: { eventType: string }[] };
    const started = events.filter(({ eventType }) => eventType.includes('START_CHILD'));
    expect(started).toHaveLength(2);
  });

  it('is not looked for ahead where somebody wants it computed anew, or to look at it first', async () => {
    const stages = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`stage-${index}`, { cache: true, seed: 7800 + index }]),
    );
    const same = async (job: StageJob) => stageResult(job);
    await harness.run(stages, same);
    const view = await harness.run(stages, same, { force: ['stage-4'] });
    expect(view.stages['stage-4']?.cache?.outcome).toBe('forced');
    expect(view.stages['stage-5']?.cache?.outcome).toBe('hit');
  });
});
