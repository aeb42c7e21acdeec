import { conditionsOf, type Chunk, type Condition, type ModelFacts } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageBatch, type BatchBuffers } from '@vitrine/ml-data';
import type { HostTensor } from '@vitrine/ml-tensor';
import { accuracyOf } from '@vitrine/ml-training';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages } from './model-artifact.js';
import { checkChoice, chosenAmong } from './evaluation/choice.js';
import { conditionLogits } from './evaluation/condition-logits.js';
import { cleanPass, evaluationOf, summaryOf } from './evaluation/figures.js';
import { loadJudged, startAttack, type JudgedModel } from './evaluation/judged-model.js';
import { decodePredictions, encodePredictions, type Predictions } from './evaluation/predictions-artifact.js';
import type { ShardedStage } from './sharded-stage.js';
import type { Stage, StageContext, StageProduct } from './stage-context.js';
import { Stepper } from './training/stepper.js';

/** Batches of images are the steps; about this many checkpoints are written in all. */
const CHECKPOINTS = 16;

const metaSchema = z.strictObject({ done: z.int().min(0) });

/** Accuracy on the test images under each condition. Results do not depend on how often the stage was interrupted. */
export const evaluateStage: Stage<'evaluate'> = async (context) => {
  const work = await workOf(context);
  return finish(context, work, await answersOf(context, work, { first: 0, count: work.images.count }));
};

/** The same in chunks: images stand in the batches in which they would stand without, so logits are the same. */
export const shardedEvaluation: ShardedStage<'evaluate'> = {
  plan: async (context) => {
    const { images } = await workOf(context);
    return { total: images.count, size: context.params.chunkImages ?? images.count };
  },
  chunk: async (context, chunk) => {
    const work = await workOf(context);
    const answers = await answersOf(context, work, chunk);
    return context.artifacts.put('predictions', encodePredictions(predictionsOf(work, answers, chunk)));
  },
  merge: async (context, chunks) => {
    const work = await workOf(context);
    const { classes } = work.model.facts;
    const whole = noAnswers(work.passes.length, work.images.count, classes);
    let first = 0;
    for (const chunk of chunks) {
      const part = decodePredictions(await context.artifacts.get(chunk), chunk.uri);
      part.logits.forEach((rows, i) => whole.logits[i]?.set(rows, first * classes));
      part.distances.forEach((distances, i) => whole.distances[i]?.set(distances, first));
      first += part.labels.length;
    }
    return finish(context, work, whole);
  },
};

async function workOf({ datasets, artifacts, params, inputs }: StageContext<'evaluate'>): Promise<Work> {
  const images = await datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadJudged(artifacts, inputs.model);
  checkImages(model.facts, images);
  checkChoice(params.amongClasses, images);
  const asked = params.conditions.flatMap(conditionsOf);
  return { model, images, asked, passes: passesOf(asked) };
}

/** What follows from the answers in each pass. */
async function finish(
  { inputs, artifacts }: StageContext<'evaluate'>,
  work: Work,
  answers: PassAnswers,
): Promise<StageProduct<'evaluate'>> {
  const { images, asked } = work;
  const predictions = predictionsOf(work, answers, { first: 0, count: images.count });
  const evaluation = evaluationOf(
    { dataset: images.name, classNames: images.classNames, modelSha256: inputs.model.sha256, asked },
    predictions,
  );
  return {
    outputs: {
      evaluation: await artifacts.put('evaluation', new TextEncoder().encode(JSON.stringify(evaluation))),
      predictions: await artifacts.put('predictions', encodePredictions(predictions)),
    },
    summary: summaryOf(evaluation),
  };
}

function predictionsOf(
  { passes, model, images }: Work,
  answers: PassAnswers,
  { first, count }: Chunk,
): Predictions {
  const labels = [...images.labels.subarray(first, first + count)];
  return {
    conditions: passes,
    ...answers,
    classes: model.facts.classes,
    labels,
    datasetSha256: images.sha256,
  };
}

/** The conditions asked for, and clean images in any case: the confusion matrix is theirs. */
function passesOf(conditions: readonly Condition[]): readonly Condition[] {
  return cleanPass(conditions) >= 0 ? conditions : [{ kind: 'clean' }, ...conditions];
}

interface Work {
  readonly model: JudgedModel;
  readonly images: ImageSet;
  readonly asked: readonly Condition[];
  /** What is computed: clean images too. */
  readonly passes: readonly Condition[];
}

/** For each pass. */
type PassAnswers = Pick<Predictions, 'logits' | 'distances'>;

const noAnswers = (passes: number, count: number, classes: number): PassAnswers => ({
  logits: Array.from({ length: passes }, () => new Float32Array(count * classes)),
  distances: Array.from({ length: passes }, () => new Float32Array(count)),
});

/** Answers to some images in each pass, batch by batch from wherever the checkpoint stands. */
async function answersOf(context: StageContext<'evaluate'>, work: Work, range: Chunk): Promise<PassAnswers> {
  const { images, passes, model: judged } = work;
  const config = judged.facts;
  const batches = Math.ceil(range.count / context.params.batchSize);
  const { answers, done } = restore(context, work, range);
  const total = passes.length * batches;
  const stepper: Stepper = new Stepper(context, {
    done,
    total,
    everySteps: Math.ceil(total / CHECKPOINTS),
    snapshot: () => snapshot(answers, config, stepper.done),
  });
  const { batchSize } = context.params;
  const model = startAttack(context.executor, judged, batchSize);
  try {
    model.writeState(judged.weights);
    while (stepper.done < total) {
      const pass = Math.floor(stepper.done / batches);
      const condition = passes[pass] as Condition;
      const offset = (stepper.done % batches) * batchSize;
      const first = range.first + offset;
      const count = Math.min(batchSize, range.count - offset);
      const batch = imageBatch(images, first, { count, size: batchSize });
      const said = await conditionLogits(
        { model, config, condition },
        { ...batch, seed: context.seed, index: first },
        (metrics) => stepper.breathe(condition.kind, metrics),
      );
      const rows = chosenAmong(
        said.logits.subarray(0, count * config.classes),
        context.params.amongClasses,
        config.classes,
      );
      answers.logits[pass]?.set(rows, offset * config.classes);
      answers.distances[pass]?.set(distancesBetween(batch, said.pixels, count), offset);
      const labels = images.labels.subarray(first, first + count);
      const accuracy = accuracyOf(rows, labels, config.classes) / count;
      await stepper.tick(condition.kind, { accuracy });
    }
    await context.checkpoints.settle();
    return answers;
  } finally {
    model.dispose();
  }
}

function restore(
  context: StageContext<'evaluate'>,
  { model: { facts }, passes }: Work,
  { count }: Chunk,
): { answers: PassAnswers; done: number } {
  const { previous } = context.checkpoints;
  const resumed = previous && decodeCheckpoint('evaluate', metaSchema, previous.content);
  if (!resumed) return { answers: noAnswers(passes.length, count, facts.classes), done: 0 };
  const each = (name: string): Float32Array[] =>
    passes.map((_, i) => resumed.arrays[`${name}.${i}`]?.data as Float32Array);
  return { answers: { logits: each('logits'), distances: each('distances') }, done: resumed.meta.done };
}

function snapshot({ logits, distances }: PassAnswers, { classes }: ModelFacts, done: number): Uint8Array {
  const arrays = [
    ...logits.map((data, i): [string, HostTensor] => [
      `logits.${i}`,
      { dtype: 'float32', shape: [data.length / classes, classes], data },
    ]),
    ...distances.map((data, i): [string, HostTensor] => [
      `distances.${i}`,
      { dtype: 'float32', shape: [data.length], data },
    ]),
  ];
  return encodeCheckpoint('evaluate', { arrays: Object.fromEntries(arrays), meta: { done } });
}

/** L2 norms of what was done to the first so many images. */
function distancesBetween(
  { pixels: clean, labels }: BatchBuffers,
  treated: Float32Array,
  count: number,
): Float32Array {
  const stride = clean.length / labels.length;
  return Float32Array.from({ length: count }, (_, image) => {
    let sum = 0;
    for (let at = image * stride; at < (image + 1) * stride; at++)
      sum += ((treated[at] ?? 0) - (clean[at] ?? 0)) ** 2;
    return Math.sqrt(sum);
  });
}
