import { Context } from '@temporalio/activity';
import type { StageResult } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundle } from './testing/bundle.js';
import { PipelineHarness } from './testing/harness.js';
import { keepHistory } from './testing/keep-history.js';
import { stageResult } from './testing/results.js';

let harness: PipelineHarness;
let code: { code: string };
beforeAll(async () => {
  code = await bundle();
  harness = await PipelineHarness.start(inject('temporal'), code);
});
afterAll(() => harness.stop());

/** Waits until the activity is cancelled, heartbeating so that it hears of it. */
async function untilCancelled(): Promise<StageResult> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

describe('what a schedule starts', () => {
  it('is a run named after the schedule and the time that it was due, and its end is noted', async () => {
    const handle = await harness.trigger({ only: [] }, {}, async (job) => stageResult(job));
    const { runId } = await handle.result();
    const [due] = harness.schedules.prepared;
    const name = due?.spec.name ?? '';
    expect(runId).toContain(`${name}-${due?.at.replace(/\D/g, '').slice(0, 8)}`);
    expect(harness.schedules.concluded).toEqual([{ ...due, runId, status: 'succeeded' }]);
    const sealed = harness.sealed.find(({ request }) => request.runId === runId);
    expect(sealed?.request.options?.scheduledBy).toEqual({ schedule: name, at: due?.at });
    await keepHistory(code, 'scheduled', handle, 'started');
  });

  it('is nothing when there is nothing new', async () => {
    const newData = { of: 'dataset', dataset: 'cifar10-sample' };
    const handle = await harness.trigger({ only: [] }, { newData });
    expect(await handle.result()).toEqual({});
    await keepHistory(code, 'scheduled', handle, 'unchanged');
  });

  it('is cancelled with it, and that is noted', async () => {
    let begun: () => void = () => undefined;
    const isRunning = new Promise<void>((resolve) => (begun = resolve));
    const handle = await harness.trigger({ only: [] }, {}, async () => {
      begun();
      return untilCancelled();
    });
    await isRunning;
    await handle.cancel();
    const { runId } = await handle.result();
    expect(harness.schedules.concluded.at(-1)).toMatchObject({ runId, status: 'cancelled' });
  });
});
