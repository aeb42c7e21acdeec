import * as tf from '@tensorflow/tfjs-core';
import type { ArtifactRef } from '@vitrine/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeGates } from './gates-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel } from './testing/small-model.js';
import { StageHarness, type Attempt } from './testing/stage-harness.js';

const params = {
  ...{ steps: 12, batchSize: 8, start: { meanMask: 0.8 }, multiplierStart: 1 },
  gates: { stretch: 5, balanceDepths: true },
  rates: { gates: 1e-2, placeholder: 1e-2, multiplier: 0.03, warmupSteps: 2 },
  checkpoint: { everySteps: 5 },
};
const harness = new StageHarness('train-diffmask', params);
type Ended = Attempt<'train-diffmask'>;

const end = async ({ product, error }: Ended) => {
  if (!product) throw error;
  const { outputs, summary } = product;
  const history = await harness.artifacts.text(outputs.history);
  return { gates: outputs.gates.sha256, history, summary };
};
const rowsOf = (history: string) =>
  history
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | string>);

let model: ArtifactRef;
let undisturbed: Ended;
beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  undisturbed = await harness.attempt({ model, init: undefined });
});

const refusal = async (over: object, inputs: Partial<{ model: ArtifactRef; init: ArtifactRef }> = {}) =>
  (
    await new StageHarness('train-diffmask', { ...params, ...over }, harness.artifacts).attempt({
      ...{ model, init: undefined },
      ...inputs,
    })
  ).error;

describe('training gates', () => {
  it('takes its steps, each with divergence, penalty and multiplier in the history, and scores its masks', async () => {
    const { history, summary } = await end(undisturbed);
    const rows = rowsOf(history);
    const steps = rows.filter(({ event }) => event === 'gates');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(steps[0]).toMatchObject({ multiplier: 1 });
    expect(new Set(steps.map(({ depth }) => depth)).size).toBeGreaterThan(1);
    expect(rows.at(-1)).toMatchObject({ event: 'masks', step: 12, images: 20 });
    expect(summary).toMatchObject({ steps: 12, images: 20 });
    expect(summary.toleranceMet).toBe(summary.divergence <= 0.1);
    for (const share of [summary.kept, summary.binary, summary.agreement]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  });

  it('gives the gates that kept least within the tolerance, and the last where none did', async () => {
    const many = { ...params, steps: 30, gates: { ...params.gates, prefix: 'all' } };
    const trained = async (over: object) => {
      const stage = new StageHarness('train-diffmask', { ...many, ...over }, harness.artifacts);
      return end(await stage.attempt({ model, init: undefined }));
    };
    const last = await trained({ select: 'last' });
    expect(last.summary).toMatchObject({ selectedStep: 30 });
    const none = await trained({ gates: { ...many.gates, tolerance: 1e-5 } });
    expect(none.summary).toMatchObject({ selectedStep: 30, toleranceMet: false });
    const wide = await trained({ gates: { ...many.gates, tolerance: 100 } });
    const kept = rowsOf(wide.history)
      .filter(({ event }) => event === 'masks')
      .map(({ kept: share }) => Number(share));
    expect(wide.summary.kept).toBeLessThanOrEqual(Math.min(...kept.slice(0, -1)) + 0.02);
  });

  it('stores gates that say for which model they are', async () => {
    if (!undisturbed.product) throw undisturbed.error;
    const stored = decodeGates(await harness.artifacts.get(undisturbed.product.outputs.gates), 'gates');
    expect(stored.meta).toMatchObject({ modelSha256: model.sha256, settings: { hidden: 4, stretch: 5 } });
    expect(stored.gates['hidden.v']?.shape).toEqual([4, 4, 32]);
  });

  it.each([1, 6, 9])(
    'killed at report %i and resumed ends with the same bytes and history',
    async (killAfterReports) => {
      const killed = await harness.attempt({ model, init: undefined }, { killAfterReports });
      const previous = killed.checkpoints.at(-1) ?? null;
      expect(await end(await harness.attempt({ model, init: undefined }, { previous }))).toEqual(
        await end(undisturbed),
      );
    },
  );

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await harness.attempt({ model, init: undefined });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on from given gates, and refuses those of a model with other layers', async () => {
    if (!undisturbed.product) throw undisturbed.error;
    const init = undisturbed.product.outputs.gates;
    const [first] = rowsOf((await end(await harness.attempt({ model, init }))).history).filter(
      ({ event }) => event === 'gates',
    );
    const [fresh] = rowsOf((await end(undisturbed)).history).filter(({ event }) => event === 'gates');
    expect(first?.['penalty']).not.toBe(fresh?.['penalty']);
    const deeper = await putSmallModel(harness.artifacts, { depth: 3 });
    expect(await refusal({}, { model: deeper, init })).toMatchObject({
      code: 'WeightsMismatch',
      details: {
        expected: '5 gates (3 blocks and 2) of width 16 with 4 hidden units',
        actual: '4 gates (2 blocks and 2) of width 16 with 4 hidden units',
      },
    });
  });

  it('refuses a tolerance that no mask can meet, and files that hold no gates', async () => {
    expect(() => new StageHarness('train-diffmask', { gates: { tolerance: 0 } })).toThrow(
      'even the mask that keeps everything diverges by 0',
    );
    expect(await refusal({}, { init: model })).toMatchObject({ code: 'ArtifactCorrupt' });
  });

  it('refuses a model that does not fit the images', async () => {
    const larger = await putSmallModel(harness.artifacts, { imageSize: 16 });
    expect(await refusal({}, { model: larger })).toMatchObject({ code: 'ShapeMismatch' });
  });
});
