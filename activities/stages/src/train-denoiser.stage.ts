import { VitrineError, type DenoiserSpec } from '@vitrine/contracts';
import { stepsPerEpoch, type BatchSequence } from '@vitrine/ml-data';
import { initUnet } from '@vitrine/ml-nn';
import type { StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkDenoiserImages, encodeDenoiser, loadDenoiser } from './denoiser-artifact.js';
import { DenoiserLearner, type DenoiserPlan } from './denoising/denoiser-learner.js';
import { DenoiserRun } from './denoising/denoiser-run.js';
import type { Stage, StageContext, StageProduct } from './stage-context.js';
import { History, provenanceOf } from './training/history.js';
import { Stepper } from './training/stepper.js';

const metaSchema = z.strictObject({ step: z.int().min(0), history: z.string() });

/**
 * Trains a U-Net to predict noise. The checkpoint holds weights, their mean, optimizer slots, step and history; batches, time
 * steps and noise follow from the step.
 */
export const trainDenoiserStage: Stage<'train-denoiser'> = async (context) => {
  const { params } = context;
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  checkDenoiserImages(params.model, train);
  const sequence: BatchSequence = {
    set: train,
    batchSize: params.batchSize,
    seed: context.seed,
    cropPadding: 0,
    flip: params.flip,
  };
  const totalSteps = params.epochs * stepsPerEpoch(sequence);
  const { learner, history } =
    restore(context) ??
    ({
      learner: DenoiserLearner.start(planOf(context), await initialWeights(context)),
      history: History.start(provenanceOf(context, 'train-denoiser', { model: params.model, train, test })),
    } as const);
  const stepper = new Stepper(context, {
    done: learner.step,
    total: totalSteps,
    everySteps: params.checkpoint.everySteps,
    snapshot: () =>
      encodeCheckpoint('train-denoiser', {
        arrays: learner.arrays(),
        meta: { step: learner.step, history: history.toText() } satisfies z.infer<typeof metaSchema>,
      }),
  });
  const run = new DenoiserRun({ context, sequence, totalSteps, test }, { learner, history, stepper });
  try {
    await run.advance();
    await context.checkpoints.settle();
    return await store(context, learner, history);
  } finally {
    await run.close();
    learner.dispose();
  }
};

function planOf({ params, executor, seed }: StageContext<'train-denoiser'>): DenoiserPlan {
  const { model: spec, batchSize, optimizer: hyper, averageDecay, dropout, samples } = params;
  return { executor, spec, batchSize, hyper, averageDecay, dropout, seed, sampleCount: samples.count };
}

function restore(
  context: StageContext<'train-denoiser'>,
): { learner: DenoiserLearner; history: History } | undefined {
  const { previous } = context.checkpoints;
  if (!previous) return undefined;
  const { arrays, meta } = decodeCheckpoint('train-denoiser', metaSchema, previous.content);
  return {
    learner: DenoiserLearner.restore(planOf(context), arrays, meta.step),
    history: History.parse(meta.history, 'checkpoint of a train-denoiser stage'),
  };
}

async function initialWeights({
  params,
  inputs,
  artifacts,
  seed,
}: StageContext<'train-denoiser'>): Promise<StateDict> {
  if (!inputs.init) return initUnet(params.model, seed);
  const { spec, weights } = await loadDenoiser(artifacts, inputs.init);
  const fields = Object.keys(spec) as (keyof DenoiserSpec)[];
  const text = (of: DenoiserSpec, field: keyof DenoiserSpec): string =>
    `${field} ${JSON.stringify(of[field])}`;
  const differing = fields.filter((field) => text(params.model, field) !== text(spec, field));
  if (differing.length === 0) return weights;
  throw new VitrineError('WeightsMismatch', 'The given weights have another architecture.', {
    where: differing.map((field) => `params.model.${field}`).join(', '),
    expected: differing.map((field) => text(spec, field)).join(', '),
    actual: differing.map((field) => text(params.model, field)).join(', '),
  });
}

async function store(
  { artifacts, params }: StageContext<'train-denoiser'>,
  learner: DenoiserLearner,
  history: History,
): Promise<StageProduct<'train-denoiser'>> {
  const encoded = encodeDenoiser({ spec: params.model, weights: learner.weights() });
  const denoiser = await artifacts.put('denoiser', encoded);
  const stored = await artifacts.put('history', new TextEncoder().encode(history.toText()));
  const samples = history.last('samples')?.picture;
  if (!samples)
    throw new VitrineError('Internal', 'A training ended without samples.', {
      where: 'history',
      expected: 'a grid',
    });
  return {
    outputs: { denoiser, history: stored, samples },
    summary: {
      steps: learner.step,
      finalLoss: history.last('step')?.loss ?? NaN,
      testLoss: history.last('denoising')?.loss ?? NaN,
      parameters: history.last('stage')?.parameters ?? NaN,
      weightsSha256: denoiser.sha256,
    },
  };
}
