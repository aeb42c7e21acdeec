import {
  conditionsOf,
  evaluationSchema,
  type Chunk,
  type Condition,
  type conditionResultSchema,
  type ModelFacts,
} from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { attackProgram } from '@vitrine/ml-attacks';
import { imageSlice } from '@vitrine/ml-data';
import { padTo, type HostTensor } from '@vitrine/ml-tensor';
import { accuracyOf, wilsonInterval } from '@vitrine/ml-training';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages } from './model-artifact.js';
import { checkChoice, chosenAmong } from './evaluation/choice.js';
import { conditionLogits } from './evaluation/condition-logits.js';
import { corruptionSummary } from './evaluation/corruptions.js';
import { loadJudged, type JudgedModel } from './evaluation/judged-model.js';
import { decodePredictions, encodePredictions, type Predictions } from './evaluation/predictions-artifact.js';
import type { ShardedStage } from './sharded-stage.js';
import type { Stage, StageContext, StageProduct } from './stage-context.js';
import { Stepper } from './training/stepper.js';

type ConditionResult = z.infer<typeof conditionResultSchema>;

/** Batches of images are the steps; about this many checkpoints are written in all. */
const CHECKPOINTS = 16;

const metaSchema = z.strictObject({ done: z.int().min(0) });

/** Accuracy on the test images under each condition. Results do not depend on how often the stage was interrupted. */
export const evaluateStage: Stage<'evaluate'> = async (context) => {
  const work = await workOf(context);
  return finish(context, work, await logitsOf(context, work, { first: 0, count: work.images.count }));
};

/** The same in chunks: images stand in the batches in which they would stand without, so logits are the same. */
export const shardedEvaluation: ShardedStage<'evaluate'> = {
  plan: async (context) => {
    const { images } = await workOf(context);
    return { total: images.count, size: context.params.chunkImages ?? images.count };
  },
  chunk: async (context, chunk) => {
    const work = await workOf(context);
    const logits = await logitsOf(context, work, chunk);
    return context.artifacts.put('predictions', encodePredictions(predictionsOf(work, logits, chunk)));
  },
  merge: async (context, chunks) => {
    const work = await workOf(context);
    const { classes } = work.model.facts;
    const logits = work.passes.map(() => new Float32Array(work.images.count * classes));
    let first = 0;
    for (const chunk of chunks) {
      const { logits: rows } = decodePredictions(await context.artifacts.get(chunk), chunk.uri);
      rows.forEach((part, i) => logits[i]?.set(part, first * classes));
      first += (rows[0]?.length ?? 0) / classes;
    }
    return finish(context, work, logits);
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

/** What follows from the logits [count, K] of each pass. */
async function finish(
  context: StageContext<'evaluate'>,
  work: Work,
  logits: readonly Float32Array[],
): Promise<StageProduct<'evaluate'>> {
  const { inputs } = context;
  const { images, passes, asked } = work;
  const conditions = passes
    .map((condition, i) => resultOf(condition, logits[i] as Float32Array, images))
    .filter(({ condition }) => asked.includes(condition));
  const corruptions = corruptionSummary(conditions, images.classNames.length);
  const evaluation = evaluationSchema.parse({
    dataset: images.name,
    datasetSha256: images.sha256,
    modelSha256: inputs.model.sha256,
    classNames: [...images.classNames],
    labels: [...images.labels],
    conditions,
    confusion: confusionMatrix(logits[cleanPass(passes)] as Float32Array, images),
    corruptions,
  });
  return {
    outputs: {
      evaluation: await context.artifacts.put(
        'evaluation',
        new TextEncoder().encode(JSON.stringify(evaluation)),
      ),
      predictions: await context.artifacts.put(
        'predictions',
        encodePredictions(predictionsOf(work, logits, { first: 0, count: images.count })),
      ),
    },
    summary: { conditions: evaluation.conditions, corruptions },
  };
}

function predictionsOf(
  { passes, model, images }: Work,
  logits: readonly Float32Array[],
  { first, count }: Chunk,
): Predictions {
  const labels = [...images.labels.subarray(first, first + count)];
  return { conditions: passes, logits, classes: model.facts.classes, labels, datasetSha256: images.sha256 };
}

/** The conditions asked for, and clean images in any case: the confusion matrix is theirs. */
function passesOf(conditions: readonly Condition[]): readonly Condition[] {
  return cleanPass(conditions) >= 0 ? conditions : [{ kind: 'clean' }, ...conditions];
}

const cleanPass = (passes: readonly Condition[]): number => passes.findIndex(({ kind }) => kind === 'clean');

interface Work {
  readonly model: JudgedModel;
  readonly images: ImageSet;
  readonly asked: readonly Condition[];
  /** What is computed: clean images too. */
  readonly passes: readonly Condition[];
}

/** Logits [count, K] of some images in each pass, batch by batch from wherever the checkpoint stands. */
async function logitsOf(
  context: StageContext<'evaluate'>,
  work: Work,
  range: Chunk,
): Promise<Float32Array[]> {
  const { images, passes, model: judged } = work;
  const config = judged.facts;
  const batches = Math.ceil(range.count / context.params.batchSize);
  const { logits, done } = restore(context, work, range);
  const total = passes.length * batches;
  const stepper: Stepper = new Stepper(context, {
    done,
    total,
    everySteps: Math.ceil(total / CHECKPOINTS),
    snapshot: () => snapshot(logits, config, stepper.done),
  });
  const { batchSize } = context.params;
  const { channels, imageSize } = config;
  const model = context.executor.start(
    attackProgram({
      weights: judged.specs,
      classifier: judged.classifier,
      pixelShape: [batchSize, channels, imageSize, imageSize],
    }),
  );
  try {
    model.writeState(judged.weights);
    while (stepper.done < total) {
      const pass = Math.floor(stepper.done / batches);
      const condition = passes[pass] as Condition;
      const offset = (stepper.done % batches) * batchSize;
      const first = range.first + offset;
      const count = Math.min(batchSize, range.count - offset);
      const { pixels, labels: given } = imageSlice(images, first, count);
      const padded = {
        pixels: padTo(pixels, (pixels.length / count) * batchSize),
        labels: padTo(given, batchSize),
      };
      const all = await conditionLogits(
        { model, config, condition },
        { ...padded, seed: context.seed, index: first },
        (metrics) => stepper.breathe(condition.kind, metrics),
      );
      const rows = chosenAmong(
        all.subarray(0, count * config.classes),
        context.params.amongClasses,
        config.classes,
      );
      logits[pass]?.set(rows, offset * config.classes);
      const labels = images.labels.subarray(first, first + count);
      const accuracy = accuracyOf(rows, labels, config.classes) / count;
      await stepper.tick(condition.kind, { accuracy });
    }
    await context.checkpoints.settle();
    return logits;
  } finally {
    model.dispose();
  }
}

function restore(
  context: StageContext<'evaluate'>,
  { model: { facts }, passes }: Work,
  { count }: Chunk,
): { logits: Float32Array[]; done: number } {
  const { previous } = context.checkpoints;
  const resumed = previous && decodeCheckpoint('evaluate', metaSchema, previous.content);
  const logits = passes.map((_, i) => {
    const stored = resumed?.arrays[`logits.${i}`];
    return stored ? (stored.data as Float32Array) : new Float32Array(count * facts.classes);
  });
  return { logits, done: resumed?.meta.done ?? 0 };
}

function snapshot(logits: readonly Float32Array[], { classes }: ModelFacts, done: number): Uint8Array {
  const arrays = logits.map((data, i): [string, HostTensor] => [
    `logits.${i}`,
    { dtype: 'float32', shape: [data.length / classes, classes], data },
  ]);
  return encodeCheckpoint('evaluate', { arrays: Object.fromEntries(arrays), meta: { done } });
}

function resultOf(
  condition: Condition,
  logits: Float32Array,
  { labels, count, classNames }: ImageSet,
): ConditionResult {
  const correct = accuracyOf(logits, labels, classNames.length);
  const [low, high] = wilsonInterval(correct, count);
  return { condition, images: count, correct, accuracy: correct / count, low, high };
}

/** Rows: true class; columns: predicted class. */
function confusionMatrix(logits: Float32Array, { labels, classNames }: ImageSet): number[][] {
  const classes = classNames.length;
  const matrix = classNames.map(() => new Array<number>(classes).fill(0));
  labels.forEach((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const predicted = row.indexOf(Math.max(...row));
    const counts = matrix[label];
    if (counts) counts[predicted] = (counts[predicted] ?? 0) + 1;
  });
  return matrix;
}
