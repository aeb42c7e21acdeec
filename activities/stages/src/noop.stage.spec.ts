import { describe, expect, it } from 'vitest';
import { CancelRequest, StageHarness } from './testing/stage-harness.js';

describe('the stage that does nothing', () => {
  it('ends at once by default', async () => {
    const { product, checkpoints, reports } = await new StageHarness('noop', {}).attempt({
      after: undefined,
    });
    expect(product?.summary).toEqual({ steps: 0 });
    expect([checkpoints, reports]).toEqual([[], []]);
  });

  it('makes its steps and a checkpoint of the wanted size after each, and resumes from one', async () => {
    const harness = new StageHarness('noop', { steps: 3, stepMilliseconds: 1, checkpointBytes: 10 });
    const { checkpoints, reports } = await harness.attempt({ after: undefined });
    expect(checkpoints.map(({ step, content }) => [step, content.length])).toEqual([
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    expect(new Set(checkpoints.map(({ content }) => content.join())).size).toBe(3);
    expect(reports.map(({ step, total }) => [step, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    const resumed = await harness.attempt({ after: undefined }, { previous: checkpoints[1] ?? null });
    expect(resumed.reports.map(({ step }) => step)).toEqual([3]);
  });

  it('writes no checkpoint when none is asked for, not even when it is cancelled', async () => {
    const harness = new StageHarness('noop', { steps: 5 });
    const { error, checkpoints } = await harness.attempt({ after: undefined }, { cancelAfterReports: 2 });
    expect(error).toBeInstanceOf(CancelRequest);
    expect(checkpoints).toEqual([]);
    expect((await harness.attempt({ after: undefined })).checkpoints).toEqual([]);
  });
});
