import { evaluationSchema, type ArtifactRef, type Part } from '@vitrine/contracts';
import { decodeSafetensors, encodeSafetensors } from '@vitrine/ml-tensor';
import { accuracyOf, wilsonInterval } from '@vitrine/ml-training';
import { beforeAll, describe, expect, it } from 'vitest';
import { putSmallModel, tensorsHeld } from './testing/small-model.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';
import { syntheticImages } from './testing/synthetic-images.js';

/** 20 images in 3 batches, 5 conditions; PGD reports its 2 × 3 steps too, DeepFool every pass of the model. */
const params = {
  batchSize: 8,
  conditions: [
    { kind: 'gaussian', sigma: 0.2 },
    { kind: 'clean' },
    { kind: 'fgsm', epsilon: 0.1 },
    { kind: 'pgd', epsilon: 0.1, stepSize: 0.05, steps: 3, restarts: 2 },
    { kind: 'deepfool', steps: 3, overshoot: 0.02, candidates: 10 },
  ],
};
const images = syntheticImages('test', 20);
const harness = new StageHarness('evaluate', params);
let model: ArtifactRef;
let undisturbed: Attempt<'evaluate'>;

async function end(attempt: Attempt<'evaluate'>, from: StageHarness<'evaluate'> = harness) {
  if (!attempt.product) throw attempt.error;
  const { outputs, summary } = attempt.product;
  const evaluation = evaluationSchema.parse(JSON.parse(await from.artifacts.text(outputs.evaluation)));
  const predictions = decodeSafetensors(await from.artifacts.get(outputs.predictions)).state;
  return {
    summary,
    evaluation,
    predictions,
    digests: [outputs.evaluation.sha256, outputs.predictions.sha256],
  };
}

beforeAll(async () => {
  model = await putSmallModel(harness.artifacts);
  undisturbed = await harness.attempt({ model });
});

describe('an evaluation', () => {
  it('gives each condition in the order asked for, with accuracy and interval that follow from its logits', async () => {
    const { evaluation, predictions, summary } = await end(undisturbed);
    expect(evaluation.conditions.map(({ condition }) => condition)).toEqual(params.conditions);
    expect(summary.conditions).toEqual(evaluation.conditions);
    expect(evaluation).toMatchObject({
      dataset: 'cifar10-sample',
      datasetSha256: images.sha256,
      modelSha256: model.sha256,
      labels: [...images.labels],
    });
    evaluation.conditions.forEach((result, i) => {
      const logits = predictions[`${i}.${result.condition.kind}`];
      expect(logits?.shape).toEqual([20, 4]);
      const correct = accuracyOf(logits?.data as Float32Array, images.labels, 4);
      const [low, high] = wilsonInterval(correct, 20);
      expect(result).toMatchObject({ images: 20, correct, accuracy: correct / 20, low, high });
    });
  });

  it('says by how much each condition changed the images: clean ones by nothing, of signs by what ε allows', async () => {
    const { evaluation, predictions } = await end(undisturbed);
    evaluation.conditions.forEach(({ condition, distance }, i) => {
      const each = [...(predictions[`${i}.${condition.kind}.distance`]?.data as Float32Array)];
      expect(each).toHaveLength(20);
      expect(distance).toBeCloseTo(each.reduce((sum, value) => sum + value, 0) / 20, 12);
      const most =
        condition.kind === 'clean' ? 0 : condition.kind === 'fgsm' ? 0.1 * Math.sqrt(3 * 8 ** 2) : 100;
      expect(Math.max(...each)).toBeLessThanOrEqual(most + 1e-5);
      if (condition.kind !== 'clean') expect(Math.max(...each)).toBeGreaterThan(0);
    });
  });

  it('counts predictions by true class on clean images', async () => {
    const { evaluation } = await end(undisturbed);
    expect(evaluation.confusion.map((row) => row.reduce((sum, n) => sum + n, 0))).toEqual([5, 5, 5, 5]);
    const diagonal = evaluation.confusion.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
    expect(diagonal).toBe(evaluation.conditions[1]?.correct);
  });

  it('never finds more accuracy under attack than without', async () => {
    const { evaluation } = await end(undisturbed);
    const [, clean, , pgd] = evaluation.conditions;
    expect(pgd?.correct).toBeLessThanOrEqual(clean?.correct ?? NaN);
  });

  it('measures clean images for the confusion matrix even when nobody asks for them', async () => {
    const fgsmOnly = new StageHarness('evaluate', {
      ...params,
      conditions: [{ kind: 'fgsm', epsilon: 0.1 }],
    });
    const ref = await putSmallModel(fgsmOnly.artifacts);
    const { evaluation } = await end(await fgsmOnly.attempt({ model: ref }), fgsmOnly);
    expect(evaluation.conditions.map(({ condition }) => condition.kind)).toEqual(['fgsm']);
    expect(evaluation.confusion).toEqual((await end(undisturbed)).evaluation.confusion);
  });

  it('shows life at every step of an attack', () => {
    const pgd = undisturbed.reports.filter(({ phase }) => phase === 'pgd');
    expect(pgd).toHaveLength(3 * (2 * 3 + 1));
    expect(undisturbed.reports.at(-1)).toMatchObject({ step: 15, total: 15 });
  });

  it.each([1, 2, 5, 9, 12, 20])('killed at report %i ends with the same bytes', async (killAfterReports) => {
    const killed = await harness.attempt({ model }, { killAfterReports });
    expect(killed.error).toBeInstanceOf(Killed);
    const resumed = await harness.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it.each([4, 13])(
    'cancelled at report %i goes on after the last whole chunk',
    async (cancelAfterReports) => {
      const before = tensorsHeld();
      const cancelled = await harness.attempt({ model }, { cancelAfterReports });
      expect(cancelled.error).toBeInstanceOf(CancelRequest);
      expect(tensorsHeld()).toBe(before);
      expect(cancelled.checkpoints.at(-1)?.step).toBe(cancelled.reports.at(-1)?.step);
      const resumed = await harness.attempt({ model }, { previous: cancelled.checkpoints.at(-1) ?? null });
      expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
    },
  );
});

describe('an evaluation under corruptions', () => {
  const conditions = [
    { kind: 'corruption', severity: 2 },
    { kind: 'corruption', corruption: 'snow' },
  ];
  const corrupted = new StageHarness('evaluate', { batchSize: 8, conditions }, harness.artifacts);

  it('measures each that is asked for, and the mean of their errors', async () => {
    const { evaluation, summary, predictions } = await end(await corrupted.attempt({ model }), corrupted);
    expect(evaluation.conditions).toHaveLength(15 + 5);
    const errorsOf = (kind: string): number[] =>
      evaluation.conditions.flatMap(({ condition, accuracy }) =>
        condition.kind === 'corruption' && condition.corruption === kind ? [1 - accuracy] : [],
      );
    expect(errorsOf('snow')).toHaveLength(6);
    const kinds = [
      ...new Set(
        evaluation.conditions.flatMap(({ condition }) =>
          condition.kind === 'corruption' ? [condition.corruption] : [],
        ),
      ),
    ];
    const mean = (of: number[]): number => of.reduce((sum, value) => sum + value, 0) / of.length;
    expect(summary.corruptions?.meanError).toBeCloseTo(mean(kinds.map((kind) => mean(errorsOf(kind)))), 12);
    expect(summary.corruptions).toMatchObject({ benchmarkError: null, meanCorruptionError: null });
    expect(predictions['1.corruption']?.data).not.toEqual(predictions['0.clean']?.data);
  });

  it('gives the same bytes in other batches and after a kill', async () => {
    const whole = await end(await corrupted.attempt({ model }), corrupted);
    const killed = await corrupted.attempt({ model }, { killAfterReports: 17 });
    const resumed = await corrupted.attempt({ model }, { previous: killed.checkpoints.at(-1) ?? null });
    expect((await end(resumed, corrupted)).digests).toEqual(whole.digests);
    const larger = new StageHarness('evaluate', { batchSize: 20, conditions }, harness.artifacts);
    const other = await end(await larger.attempt({ model }), larger);
    expect(other.evaluation.conditions.map(({ correct }) => correct)).toEqual(
      whole.evaluation.conditions.map(({ correct }) => correct),
    );
  });
});

describe('an evaluation among some of the classes', () => {
  /** The first three images are of the first three classes. */
  const few = { batchSize: 2, test: { limit: 3 }, conditions: [{ kind: 'clean' }] };

  it('predicts the largest logit of those, all others being −∞', async () => {
    const all = await end(await new StageHarness('evaluate', few, harness.artifacts).attempt({ model }));
    const among = new StageHarness('evaluate', { ...few, amongClasses: [2, 0, 1] }, harness.artifacts);
    const { evaluation, predictions } = await end(await among.attempt({ model }));
    const [free, kept] = [all.predictions, predictions].map((of) => [...(of['0.clean']?.data ?? [])]);
    expect(kept).toEqual(free?.map((logit, at) => (at % 4 === 3 ? -Infinity : logit)));
    const expected = [0, 1, 2].filter((image) => {
      const row = free?.slice(4 * image, 4 * image + 3) ?? [];
      return row.indexOf(Math.max(...row)) === image;
    });
    expect(evaluation.conditions[0]?.correct).toBe(expected.length);
  });

  it('refuses a choice without the class of an image, and classes that there are not', async () => {
    const refusal = async (amongClasses: number[]) =>
      (await new StageHarness('evaluate', { ...few, amongClasses }, harness.artifacts).attempt({ model }))
        .error;
    expect(await refusal([0, 1])).toMatchObject({
      code: 'InvalidSpec',
      details: { where: 'params.amongClasses', expected: 'the class of every test image' },
    });
    expect(await refusal([0, 1, 2, 4])).toMatchObject({
      details: { expected: 'numbers below 4', actual: '4' },
    });
  });
});

describe('an evaluation in chunks', () => {
  const cut = new StageHarness('evaluate', { ...params, chunkImages: 8 }, harness.artifacts);
  const part = (chunk: Part) => cut.attempt({ model }, { part: chunk });
  const chunkAt = async (first: number): Promise<ArtifactRef> => {
    const { product, error } = await part({ step: 'chunk', first, count: Math.min(8, 20 - first) });
    if (!product) throw error;
    return (product.outputs as unknown as Record<string, ArtifactRef>)['chunk'] as ArtifactRef;
  };

  it('is planned by the images there are and the size that is asked for', async () => {
    expect((await part({ step: 'plan' })).product?.summary).toEqual({ total: 20, size: 8 });
  });

  it('gives the very bytes that it gives in one piece, in whatever order the chunks are computed', async () => {
    const elements = [];
    for (const index of [2, 0, 1]) elements.push({ index, item: null, artifact: await chunkAt(8 * index) });
    elements.sort((a, b) => a.index - b.index);
    const list = { format: 1, of: 'predictions', elements };
    const chunks = await cut.artifacts.put('list', new TextEncoder().encode(JSON.stringify(list)));
    const merged = await part({ step: 'merge', chunks });
    expect((await end(merged, cut)).digests).toEqual((await end(undisturbed)).digests);
  });

  it('is refused when its chunks would cut a batch in two', () => {
    expect(() => new StageHarness('evaluate', { ...params, chunkImages: 12 })).toThrow(
      'multiple of batchSize',
    );
  });
});

describe('an evaluation that cannot be done', () => {
  it('refuses a model for other images', async () => {
    const other = await putSmallModel(harness.artifacts, { classes: 7 });
    expect((await harness.attempt({ model: other })).error).toMatchObject({
      code: 'ShapeMismatch',
      details: { where: 'model.classes' },
    });
  });

  it('refuses bytes that are no model, and a safetensors file without architecture', async () => {
    const noise = await harness.artifacts.put('model', new Uint8Array([1, 2, 3]));
    expect((await harness.attempt({ model: noise })).error).toMatchObject({ code: 'ArtifactCorrupt' });
    const bare = await harness.artifacts.put('model', encodeSafetensors({}));
    expect((await harness.attempt({ model: bare })).error).toMatchObject({
      code: 'WeightsMismatch',
      details: { actual: 'nothing', hint: 'Bring own weights through a stage of kind import-model.' },
    });
  });
});
