import * as tf from '@tensorflow/tfjs-core';
import type { VitrineError } from '@vitrine/contracts';
import { initVit } from '@vitrine/ml-nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from './model-artifact.js';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';

const model = {
  imageSize: 8,
  patchSize: 4,
  width: 16,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  classes: 4,
};
/** 4 steps an epoch, 12 in all. */
const params = {
  model,
  epochs: 3,
  batchSize: 8,
  cropPadding: 1,
  optimizer: { learningRate: 5e-3, warmupSteps: 2 },
  checkpoint: { everySteps: 5 },
};
const harness = new StageHarness('train', params);

const end = async ({ product, error }: Attempt<'train'>) => {
  if (!product) throw error;
  const { outputs, summary } = product;
  return {
    weights: outputs.model.sha256,
    history: await harness.artifacts.text(outputs.history),
    summary,
  };
};

let undisturbed: Attempt<'train'>;
beforeAll(async () => {
  await buildBatchThread();
  undisturbed = await harness.attempt({ init: undefined, resume: undefined });
});

describe('training with less memory', () => {
  const thrifty = { ...params, microBatch: 4, recompute: 'blocks' };

  it('takes the losses of the whole batch within 1e-5', async () => {
    const inParts = new StageHarness('train', thrifty, harness.artifacts);
    const attempt = await inParts.attempt({ init: undefined, resume: undefined });
    const lossesOf = async (of: Attempt<'train'>): Promise<number[]> => {
      const { history } = await end(of);
      const rows = history.trimEnd().split('\n');
      return rows
        .map((row) => JSON.parse(row) as { event: string; loss: number })
        .flatMap(({ event, loss }) => (event === 'step' ? [loss] : []));
    };
    const [whole, summed] = [await lossesOf(undisturbed), await lossesOf(attempt)];
    expect(summed).toHaveLength(12);
    // Rounding grows over twelve steps of Adam.
    summed.forEach((loss, step) => expect(Math.abs(loss / (whole[step] ?? NaN) - 1)).toBeLessThan(1e-5));
  });

  it('goes on from its checkpoints with the very bytes of the uninterrupted one', async () => {
    const inParts = new StageHarness('train', thrifty, harness.artifacts);
    const [once, again] = [
      await inParts.attempt({ init: undefined, resume: undefined }),
      await inParts.attemptUntilDone({ init: undefined, resume: undefined }, 7),
    ];
    expect(again.attempts).toBeGreaterThan(1);
    expect(await end(again)).toEqual(await end(once));
  });

  it('refuses parts that do not make the batch', () => {
    expect(() => new StageHarness('train', { ...params, microBatch: 3 })).toThrow(
      'expected a divisor of batchSize 8, got 3',
    );
  });
});

describe('training', () => {
  it('shows what share of its time it waits for data, from the first step on', () => {
    const shares = undisturbed.reports.map(({ metrics }) => metrics['dataWait'] ?? NaN);
    expect(shares.length).toBeGreaterThanOrEqual(12);
    for (const share of shares) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
  });

  it('takes the steps it was asked for, with falling loss and the accuracy by epoch in its history', async () => {
    const { history, summary, weights } = await end(undisturbed);
    expect(summary).toMatchObject({ steps: 12, weightsSha256: weights });
    const rows = history
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | string>);
    expect(rows[0]).toMatchObject({ event: 'stage', stage: 'a-train', seed: 1234, codeVersion: 'test' });
    const steps = rows.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(Number(steps.at(-1)?.['loss'])).toBeLessThan(Number(steps[0]?.['loss']));
    expect(steps[1]).toMatchObject({ epoch: 0.5 });
    const evaluations = rows.filter(({ event }) => event === 'evaluation');
    expect(evaluations.map(({ step }) => step)).toEqual([4, 8, 12]);
    expect(summary.testAccuracy).toBe(evaluations.at(-1)?.['accuracy']);
    // Four colours: chance is a quarter.
    expect(summary.testAccuracy).toBeGreaterThan(0.5);
  });

  it('stores a checkpoint every so many steps and after the last', () => {
    expect(undisturbed.checkpoints.map(({ step }) => step)).toEqual([5, 10, 12]);
  });

  it('reports every step with loss and learning rate', () => {
    const steps = undisturbed.reports.filter(({ phase }) => phase === 'train');
    expect(steps.map(({ step, total }) => [step, total])).toEqual(
      Array.from({ length: 12 }, (_, i) => [i + 1, 12]),
    );
    expect(Object.keys(steps[0]?.metrics ?? {})).toEqual(['loss', 'learningRate', 'dataWait']);
  });

  it.each([1, 5, 6, 7, 13])(
    'killed at report %i and resumed ends with the same bytes and the same history',
    async (killAfterReports) => {
      const killed = await harness.attempt({ init: undefined, resume: undefined }, { killAfterReports });
      expect(killed.error).toBeInstanceOf(Killed);
      const previous = killed.checkpoints.at(-1) ?? null;
      const resumed = await harness.attempt({ init: undefined, resume: undefined }, { previous });
      expect(await end(resumed)).toEqual(await end(undisturbed));
    },
  );

  it('killed again and again ends with the same bytes', async () => {
    const ended = await harness.attemptUntilDone({ init: undefined, resume: undefined }, 8);
    expect(ended.attempts).toBeGreaterThan(2);
    expect(await end(ended)).toEqual(await end(undisturbed));
  });

  it.each([3, 5, 6, 13])('cancelled at report %i stores where it is, and goes on from there', async (at) => {
    const cancelled = await harness.attempt(
      { init: undefined, resume: undefined },
      { cancelAfterReports: at },
    );
    expect(cancelled.error).toBeInstanceOf(CancelRequest);
    const stoppedAt = cancelled.reports.at(-1)?.step;
    expect(cancelled.checkpoints.at(-1)?.step).toBe(stoppedAt);
    const resumed = await harness.attempt(
      { init: undefined, resume: undefined },
      { previous: cancelled.checkpoints.at(-1) ?? null },
    );
    expect(resumed.reports.find(({ phase }) => phase === 'train')?.step).toBe((stoppedAt ?? NaN) + 1);
    expect(await end(resumed)).toEqual(await end(undisturbed));
  });

  it('leaves no tensor behind, at its end and when it is cancelled', async () => {
    const before = tf.memory().numTensors;
    await harness.attempt({ init: undefined, resume: undefined });
    await harness.attempt({ init: undefined, resume: undefined }, { cancelAfterReports: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('starts from given weights, and refuses those of another architecture by field', async () => {
    if (!undisturbed.product) throw undisturbed.error;
    const trained = await harness.artifacts.get(undisturbed.product.outputs.model);
    const { spec } = decodeModel(trained, 'model');
    const given = { spec, weights: initVit(spec, 5) };
    const init = await harness.artifacts.put('model', encodeModel(given));
    const started = await end(await harness.attempt({ init, resume: undefined }));
    expect(started.weights).not.toBe((await end(undisturbed)).weights);
    const wider = { ...spec, width: 24, depth: 1 };
    const other = await harness.artifacts.put(
      'model',
      encodeModel({ spec: wider, weights: initVit(wider, 5) }),
    );
    expect((await harness.attempt({ init: other, resume: undefined })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: {
        where: 'params.model.width, params.model.depth',
        expected: 'width 24, depth 1',
        actual: 'width 16, depth 2',
      },
    });
  });

  it('refuses a model that does not fit the images, and a batch that is larger than the set', async () => {
    const wrongModel = new StageHarness('train', {
      ...params,
      model: { ...model, imageSize: 16, classes: 10 },
    });
    expect((await wrongModel.attempt({ init: undefined, resume: undefined })).error).toMatchObject({
      code: 'ShapeMismatch',
      details: {
        where: 'model.imageSize, model.classes',
        expected: '3 × 8 × 8 pixels, 4 classes (cifar10-sample)',
        actual: '3 × 16 × 16 pixels, 10 classes',
      },
    });
    const largeBatch = new StageHarness('train', { ...params, batchSize: 33 });
    expect((await largeBatch.attempt({ init: undefined, resume: undefined })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'stage a-train of test-run, batchSize',
        expected: 'at most the 32 images of the set',
        actual: '33',
      },
    });
  });

  it('ends with an error that names the step when the loss leaves the finite numbers', async () => {
    const wild = new StageHarness('train', {
      ...params,
      epochs: 20,
      optimizer: { learningRate: 10, weightDecay: 1 },
    });
    const { error } = await wild.attempt({ init: undefined, resume: undefined });
    expect(error).toMatchObject({ code: 'NonFiniteLoss' });
    expect((error as VitrineError).details.where).toMatch(/^stage a-train of test-run, step \d+$/);
  });
});

describe('training from rung to rung', () => {
  const rung = (stopAfterEpochs?: number) =>
    new StageHarness('train', { ...params, ...(stopAfterEpochs && { stopAfterEpochs }) }, harness.artifacts);
  const start = { init: undefined, resume: undefined };
  const withoutProvenance = (history: string) => history.split('\n').slice(1);

  it('comes to the very weights and history of an undisturbed one, also when a rung is killed again and again', async () => {
    const first = await rung(1).attempt(start);
    const second = await rung(2).attemptUntilDone({ ...start, resume: first.product?.outputs.state }, 5);
    expect(second.attempts).toBeGreaterThan(1);
    const last = await end(await rung().attempt({ ...start, resume: second.product?.outputs.state }));
    const whole = await end(undisturbed);
    expect(last.weights).toBe(whole.weights);
    expect(withoutProvenance(last.history)).toEqual(withoutProvenance(whole.history));
    expect(last.summary).toEqual(whole.summary);
  });

  it('says how good the model is where it stops, on all test images, and tells the history nothing of it', async () => {
    const { product } = await rung(1).attempt(start);
    expect(product?.summary).toMatchObject({ steps: 4 });
    expect(product?.summary.testAccuracy).toBeGreaterThanOrEqual(0);
    const again = await rung(1).attempt(start);
    expect(again.product).toEqual(product);
  });

  it('gives no state unless it is asked for one', () => {
    expect(Object.keys(undisturbed.product?.outputs ?? {})).toEqual(['model', 'history']);
  });

  it('does not go on from other batches, nor backwards', async () => {
    const { product } = await rung(2).attempt(start);
    const resume = product?.outputs.state;
    const other = new StageHarness('train', { ...params, batchSize: 16 }, harness.artifacts);
    expect((await other.attempt({ ...start, resume })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: { where: 'inputs.resume, batchSize', expected: '16', actual: '8' },
    });
    expect((await rung(1).attempt({ ...start, resume })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'params.stopAfterEpochs',
        expected: 'at least 8 steps',
        actual: '4 steps (1 epochs)',
      },
    });
  });
});
