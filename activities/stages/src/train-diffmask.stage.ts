import { type StageParams } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { checkSequence, imageSlice, type BatchSequence } from '@vitrine/ml-data';
import {
  defaultHidden,
  GateSelection,
  GateTrainer,
  trainedSpecs,
  type GateTrainerPlan,
} from '@vitrine/ml-explain';
import { NonFiniteError } from '@vitrine/ml-training';
import { sizeOfShape, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { scoreMasks, type MaskScores } from './explain/mask-figures.js';
import {
  applySelection,
  considerGates,
  judgedGatesSchema,
  restoreSelection,
  selectionArrays,
} from './explain/select-gates.js';
import { checkGates, decodeGates, encodeGates } from './gates-artifact.js';
import { checkImages, loadModel, type ModelArtifact } from './model-artifact.js';
import { openBatchStream } from './prefetch/batch-stream.js';
import type { Stage, StageContext } from './stage-context.js';
import { History, provenanceOf } from './training/history.js';
import { Stepper } from './training/stepper.js';

const metaSchema = z.strictObject({
  step: z.int().min(0),
  history: z.string(),
  balance: z.strictObject({
    agreement: z.array(z.number()),
    kept: z.array(z.number()),
    visits: z.array(z.int()),
  }),
  selected: judgedGatesSchema.optional(),
});

/** On the way the first so many test images will do; at the end it is all of them. */
const INTERMEDIATE_IMAGES = 200;
/** About this many times a stage scores its masks. */
const EVALUATIONS = 10;

type Context = StageContext<'train-diffmask'>;

/** Trains gates on a frozen model. The checkpoint holds gates, slots, multipliers, step and history. */
export const trainDiffmaskStage: Stage<'train-diffmask'> = async (context) => {
  const { params } = context;
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const model = await loadModel(context.artifacts, context.inputs.model);
  checkImages(model.spec, train);
  const { batchSize } = params;
  const sequence: BatchSequence = { set: train, batchSize, seed: context.seed, cropPadding: 0, flip: false };
  checkSequence(sequence);
  const { trainer, history, selection } = await begin(context, { ...model, train, test });
  const stepper = new Stepper(context, {
    done: trainer.step,
    total: params.steps,
    everySteps: params.checkpoint.everySteps,
    snapshot: () => snapshot({ trainer, history, selection }),
  });
  const stream = openBatchStream(sequence, { fromStep: trainer.step });
  try {
    const score = async (): Promise<void> => {
      const everySteps = Math.ceil(params.steps / EVALUATIONS);
      const isLast = trainer.step === params.steps;
      const due = trainer.step > 0 && (isLast || trainer.step % everySteps === 0);
      if (!due || history.last('masks')?.step === trainer.step) return;
      const count = isLast ? test.count : Math.min(test.count, INTERMEDIATE_IMAGES);
      const onChunk = (images: number): Promise<void> => stepper.breathe('evaluate', { images });
      if (params.select === 'within-tolerance') {
        await considerGates(selection, { trainer, train }, { batchSize, onChunk });
        if (isLast) applySelection(selection, trainer);
      }
      const scores = await scoreMasks(trainer.program, test, { count, batchSize, onChunk });
      history.push({ event: 'masks', step: trainer.step, ...scores });
    };
    await score();
    while (trainer.step < params.steps) {
      const { pixels } = await stepper.waitFor(stream.next());
      const figures = trainer.learn(pixels);
      if (!Number.isFinite(figures.loss)) throw new NonFiniteError(trainer.step - 1, figures.loss, NaN);
      stepper.learned({ loss: figures.loss, images: batchSize });
      history.push({ event: 'gates', step: trainer.step, ...figures });
      const { loss, divergence, kept, multiplier } = figures;
      await stepper.tick('train', { loss, divergence, kept, multiplier });
      await score();
    }
    await context.checkpoints.settle();
    return await store(context, { trainer, history, selection, model });
  } finally {
    await stream.close();
    trainer.dispose();
  }
};

interface Materials extends ModelArtifact {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

const hiddenOf = (params: StageParams<'train-diffmask'>, model: ModelArtifact): number =>
  params.gates.hidden ?? defaultHidden(model.spec.width);

function planOf({ params, executor, seed }: Context, model: ModelArtifact): GateTrainerPlan {
  const { balanceDepths, ...settings } = params.gates;
  return {
    ...{ executor, seed, balanceDepths, rates: params.rates, batchSize: params.batchSize },
    ...{ config: model.spec, weights: model.weights },
    settings: { ...settings, hidden: hiddenOf(params, model), optimizer: params.optimizer },
  };
}

/** All that changes while gates are trained. */
interface InTraining {
  readonly trainer: GateTrainer;
  readonly history: History;
  readonly selection: GateSelection;
}

async function begin(context: Context, { train, test, ...model }: Materials): Promise<InTraining> {
  const { params } = context;
  const plan = planOf(context, model);
  const { previous } = context.checkpoints;
  if (previous) {
    const { arrays, meta } = decodeCheckpoint('train-diffmask', metaSchema, previous.content);
    const own = Object.keys(trainedSpecs(plan)).map((name) => [name, arrays[name] as HostTensor] as const);
    return {
      trainer: GateTrainer.restore(plan, {
        ...{ arrays: Object.fromEntries(own), step: meta.step, balance: meta.balance },
      }),
      selection: restoreSelection(params.gates.tolerance, meta.selected, arrays),
      history: History.parse(meta.history, 'checkpoint of a train-diffmask stage'),
    };
  }
  const gates = await initialGates(context, model);
  const add =
    'add' in params.start
      ? params.start.add
      : { meanMask: params.start.meanMask, pixels: imageSlice(train, 0, params.batchSize).pixels };
  const trainer = GateTrainer.start(plan, { add, multiplier: params.multiplierStart, gates });
  const provenance = provenanceOf(context, 'train-diffmask', { model: model.spec, train, test });
  const selection = new GateSelection(params.gates.tolerance);
  return { trainer, selection, history: History.start(provenance) };
}

async function initialGates(
  { artifacts, inputs, params }: Context,
  model: ModelArtifact,
): Promise<StateDict | undefined> {
  if (!inputs.init) return undefined;
  const given = decodeGates(await artifacts.get(inputs.init), inputs.init.uri);
  checkGates(given, model.spec, hiddenOf(params, model));
  return given.gates;
}

const snapshot = ({ trainer, history, selection }: InTraining): Uint8Array =>
  encodeCheckpoint('train-diffmask', {
    arrays: { ...trainer.arrays(), ...selectionArrays(selection) },
    meta: {
      step: trainer.step,
      history: history.toText(),
      balance: trainer.balanceState(),
      ...(selection.best && { selected: selection.best.judged }),
    } satisfies z.infer<typeof metaSchema>,
  });

async function store(
  context: Context,
  { trainer, history, selection, model }: InTraining & { readonly model: ModelArtifact },
): ReturnType<Stage<'train-diffmask'>> {
  const { params, inputs, artifacts } = context;
  const plan = planOf(context, model);
  const {
    event: _event,
    step: steps,
    ...scores
  } = history.last('masks') as MaskScores & { event: string; step: number };
  const toleranceMet = scores.divergence <= params.gates.tolerance;
  if (!toleranceMet)
    context.log(
      'warn',
      `masks diverge by ${scores.divergence}, above the tolerance of ${params.gates.tolerance}`,
    );
  const { multiplier: _multiplier, ...gates } = trainer.gates();
  const settings = { ...params.gates, hidden: plan.settings.hidden };
  const meta = { model: model.spec, modelSha256: inputs.model.sha256, settings };
  const shapes = Object.entries(trainedSpecs(plan)).filter(([name]) => name.startsWith('gates/'));
  return {
    outputs: {
      gates: await artifacts.put('gates', encodeGates({ gates, meta })),
      history: await artifacts.put('history', new TextEncoder().encode(history.toText())),
    },
    summary: {
      steps,
      selectedStep: selection.best?.judged.step ?? steps,
      parameters: shapes.reduce((sum, [, { shape }]) => sum + sizeOfShape(shape), 0),
      ...{ toleranceMet, ...scores },
    },
  };
}
