import { VitrineError, type StageParams } from '@vitrine/contracts';
import { stepsPerEpoch } from '@vitrine/ml-data';
import { initVit } from '@vitrine/ml-nn';
import type { StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { augmentedSequence, isMixed } from './training/augmented-sequence.js';
import { History, provenanceOf } from './training/history.js';
import { Learner, type LearnerPlan } from './training/learner.js';
import { Stepper } from './training/stepper.js';
import { storeTraining } from './training/store-training.js';
import { evaluationInterval, TrainingRun } from './training/training-run.js';

const metaSchema = z.strictObject({ step: z.int().min(0), history: z.string() });

/** Trains a ViT. The checkpoint holds weights, optimizer slots, step and history; the data's position follows from the step. */
export const trainStage: Stage<'train'> = async (context) => {
  const { params } = context;
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  checkImages(params.model, train);
  const sequence = augmentedSequence(train, params, { seed: context.seed, model: params.model });
  const perEpoch = stepsPerEpoch(sequence);
  const totalSteps = params.epochs * perEpoch;
  const { learner, history } =
    restore(context) ??
    ({
      learner: Learner.start(learnerPlan(context), await initialWeights(context)),
      history: History.start(provenanceOf(context, 'train', { model: params.model, train, test })),
    } as const);
  const stepper = new Stepper(context, {
    done: learner.step,
    total: totalSteps,
    everySteps: params.checkpoint.everySteps,
    snapshot: () =>
      encodeCheckpoint('train', {
        arrays: learner.arrays(),
        meta: { step: learner.step, history: history.toText() } satisfies z.infer<typeof metaSchema>,
      }),
  });
  const run = new TrainingRun(
    {
      sequence,
      totalSteps,
      optimizer: params.optimizer,
      test,
      evaluateEvery: evaluationInterval(params.epochs, perEpoch),
    },
    { learner, history, stepper },
  );
  try {
    await run.advance(totalSteps, 'train');
    await context.checkpoints.settle();
    return await storeTraining(context, { spec: params.model, learner, history });
  } finally {
    await run.close();
    learner.dispose();
  }
};

function learnerPlan({ params, executor }: StageContext<'train'>): LearnerPlan {
  const { optimizer, labelSmoothing, batchSize, microBatch, recompute, model: config } = params;
  return {
    ...{ executor, config, batchSize, microBatch, recompute },
    mixed: isMixed(params.augmentation),
    hyper: { ...optimizer, labelSmoothing },
  };
}

function restore(context: StageContext<'train'>): { learner: Learner; history: History } | undefined {
  const { previous } = context.checkpoints;
  if (!previous) return undefined;
  const { arrays, meta } = decodeCheckpoint('train', metaSchema, previous.content);
  return {
    learner: Learner.restore(learnerPlan(context), arrays, meta.step),
    history: History.parse(meta.history, 'checkpoint of a train stage'),
  };
}

async function initialWeights({
  params,
  inputs,
  artifacts,
  seed,
}: StageContext<'train'>): Promise<StateDict> {
  if (!inputs.init) return initVit(params.model, seed);
  const { spec, weights } = await loadModel(artifacts, inputs.init);
  const differing = differences(params.model, spec);
  if (differing.length > 0)
    throw new VitrineError('WeightsMismatch', 'The given weights have another architecture.', {
      where: differing.map((field) => `params.model.${field}`).join(', '),
      expected: differing.map((field) => `${field} ${JSON.stringify(spec[field])}`).join(', '),
      actual: differing.map((field) => `${field} ${JSON.stringify(params.model[field])}`).join(', '),
    });
  return weights;
}

type Model = StageParams<'train'>['model'];

const differences = (a: Model, b: Model): (keyof Model)[] =>
  (Object.keys(a) as (keyof Model)[]).filter(
    (field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]),
  );
