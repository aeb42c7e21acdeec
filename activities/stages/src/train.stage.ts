import { VitrineError, type Provenance, type StageParams } from '@vitrine/contracts';
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
  const stopAt = Math.min(params.stopAfterEpochs ?? params.epochs, params.epochs) * perEpoch;
  const provenance = provenanceOf(context, 'train', { model: params.model, train, test });
  const { learner, history } =
    restore(context) ??
    (await goOn(context, provenance, stopAt)) ??
    ({
      learner: Learner.start(learnerPlan(context), await initialWeights(context)),
      history: History.start(provenance),
    } as const);
  const snapshot = (): Uint8Array =>
    encodeCheckpoint('train', {
      arrays: learner.arrays(),
      meta: { step: learner.step, history: history.toText() } satisfies z.infer<typeof metaSchema>,
    });
  const { everySteps } = params.checkpoint;
  const stepper = new Stepper(context, { done: learner.step, total: stopAt, everySteps, snapshot });
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
    await run.advance(stopAt, 'train');
    await context.checkpoints.settle();
    const product = await storeTraining(context, { spec: params.model, learner, history });
    if (params.stopAfterEpochs === undefined) return product;
    const state = await context.artifacts.put('checkpoint', snapshot());
    const accuracy = await run.accuracy();
    return {
      outputs: { ...product.outputs, state },
      summary: { ...product.summary, testAccuracy: accuracy },
    };
  } finally {
    await run.close();
    learner.dispose();
  }
};

function learnerPlan({ params, executor, profile, otherDevices }: StageContext<'train'>): LearnerPlan {
  const { optimizer, labelSmoothing, batchSize, microBatch, recompute, model: config } = params;
  return {
    ...{ executor, profile, otherDevices, config, batchSize, microBatch, recompute },
    mixed: isMixed(params.augmentation),
    hyper: { ...optimizer, labelSmoothing },
  };
}

interface Training {
  readonly learner: Learner;
  readonly history: History;
}

function restore(context: StageContext<'train'>): Training | undefined {
  const { previous } = context.checkpoints;
  return previous ? trainingOf(context, previous.content, 'checkpoint of a train stage') : undefined;
}

/**
 * From where another training stopped: what comes out is what that one would have come to, had it not.
 * @throws VitrineError WeightsMismatch when it was of another model, other data or other batches; InvalidSpec when it came further
 */
async function goOn(
  context: StageContext<'train'>,
  provenance: Provenance,
  stopAt: number,
): Promise<Training | undefined> {
  const { inputs, artifacts, params } = context;
  if (!inputs.resume) return undefined;
  const bytes = await artifacts.get(inputs.resume);
  const before = History.parse(
    decodeCheckpoint('train', metaSchema, bytes).meta.history,
    'inputs.resume',
  ).last('stage');
  const facts = ({ model, train, params: { batchSize } }: Provenance): Record<string, unknown> => ({
    model,
    data: train.sha256,
    batchSize,
  });
  const [own, other] = [facts(provenance), before ? facts(before) : {}];
  const differing = Object.keys(own).filter(
    (name) => JSON.stringify(own[name]) !== JSON.stringify(other[name]),
  );
  if (differing.length > 0)
    throw new VitrineError('WeightsMismatch', 'The training to go on from was another one.', {
      where: `inputs.resume, ${differing.join(', ')}`,
      expected: differing.map((name) => JSON.stringify(own[name])).join(', '),
      actual: differing.map((name) => JSON.stringify(other[name])).join(', '),
    });
  const { learner, history } = trainingOf(context, bytes, 'inputs.resume');
  if (learner.step <= stopAt) return { learner, history: history.continuedBy(provenance) };
  const { step } = learner;
  learner.dispose();
  throw new VitrineError('InvalidSpec', 'The training to go on from came further than this one is to.', {
    where: 'params.stopAfterEpochs',
    expected: `at least ${step} steps`,
    actual: `${stopAt} steps (${params.stopAfterEpochs ?? params.epochs} epochs)`,
  });
}

function trainingOf(context: StageContext<'train'>, bytes: Uint8Array, where: string): Training {
  const { arrays, meta } = decodeCheckpoint('train', metaSchema, bytes);
  return {
    learner: Learner.restore(learnerPlan(context), arrays, meta.step),
    history: History.parse(meta.history, where),
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
