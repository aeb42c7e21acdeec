import { VitrineError, type StageParams, type StageSummary } from '@vitrine/contracts';
import type { BatchSequence } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';
import type { SynthesisSettings } from '@vitrine/ml-nullspace';
import { addPrefix, takePrefix, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.js';
import { checkImages, loadModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';
import { augmentedSequence, isMixed } from './training/augmented-sequence.js';
import { History, provenanceOf } from './training/history.js';
import { Learner, type LearnerPlan } from './training/learner.js';
import { NoiseSearch, type NoiseSearchPlan } from './training/noise-search.js';
import { normalisedAs, withRecipe } from './training/recipe.js';
import { Stepper } from './training/stepper.js';
import { storeTraining } from './training/store-training.js';
import { evaluationInterval, TrainingRun } from './training/training-run.js';
import { Watch } from './training/watch.js';

/*
 * Paper: Liu, Singh, Li, Wang, "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers", CPAL 2025
 * (arXiv 2403.10476). Each round synthesizes a fresh noise against the current weights, then takes `stepsPerRound` steps
 * on CE(clean) + CE(noisy) with it; the noise does not learn. Beside it stand what it is compared with: no noise, random
 * noise of the same tolerance, PGD adversarial training and TRADES, on the same images in the same steps.
 * Reference followed: github.com/Liu-Hy/easyrobust, commit f72cee0, examples/imageclassification/imagenet/dat.
 */

const metaSchema = z.strictObject({
  /** Steps of both kinds. */
  done: z.int().min(0),
  /** Optimizer steps of the model; the round follows from it. */
  step: z.int().min(0),
  /** Updates of the noise that is sought; null while the model learns. */
  synthesisStep: z.int().min(0).nullable(),
  history: z.string(),
});
type Meta = z.infer<typeof metaSchema>;

type Objective = StageParams<'augmented-finetune'>['objective'];
type AdversarialObjective = Extract<Objective, { epsilon: number }>;

const isAdversarial = (objective: Objective): objective is AdversarialObjective => 'epsilon' in objective;

/** How the noises of an objective are found; undefined for one without noise. */
const NOISE_MODE: Partial<Record<Objective['kind'], SynthesisSettings['mode']>> = {
  'nullspace-noise': 'learned',
  'random-noise': 'random',
};

/** Finetunes on clean images, and on what the objective puts beside them. */
export const augmentedFinetuneStage: Stage<'augmented-finetune'> = async (context) => {
  const params = withRecipe(context.params);
  const train = await context.datasets.load(params.train.dataset, 'train', params.train.limit);
  const test = await context.datasets.load(params.test.dataset, 'test', params.test.limit);
  const given = await loadModel(context.artifacts, context.inputs.model);
  const { weights } = given;
  const spec = normalisedAs(params.recipe, given.spec);
  checkImages(spec, train);
  checkTrainable(params.trainable, spec);
  const resumed = decodePrevious(context);
  const { optimizer, labelSmoothing, batchSize, microBatch, recompute, trainable, objective } = params;
  const plan: LearnerPlan = {
    executor: context.executor,
    profile: context.profile,
    otherDevices: context.otherDevices,
    config: spec,
    ...{ batchSize, microBatch, recompute, trainable },
    mixed: isMixed(params.augmentation),
    ...(isAdversarial(objective) && { adversary: { ...objective, seed: context.seed } }),
    hyper: { ...optimizer, labelSmoothing },
  };
  const learner = resumed
    ? Learner.restore(plan, resumed.arrays, resumed.meta.step)
    : Learner.start(plan, weights);
  const history = resumed
    ? History.parse(resumed.meta.history, 'checkpoint of an augmented-finetune stage')
    : History.start(provenanceOf(context, 'augmented-finetune', { model: spec, train, test }));
  const sequence = augmentedSequence(train, params, { seed: context.seed, model: spec });
  const finetuning = new Finetuning({ context, params, config: spec, sequence, learner, history }, resumed);
  const totalSteps = params.rounds * params.stepsPerRound;
  const every = evaluationInterval(params.rounds, params.stepsPerRound);
  const { stepper } = finetuning;
  const run = new TrainingRun(
    { sequence, totalSteps, optimizer, test, evaluateEvery: every },
    { learner, history, stepper },
  );
  const watch =
    params.watch &&
    new Watch(params.watch, {
      ...{ executor: context.executor, config: spec, test, seed: context.seed },
      ...{ every, totalSteps, learner, history, stepper },
    });
  try {
    // The accuracy of the round before may still be due after a restart; it comes before the next noise.
    await run.advance(learner.step, 'finetune');
    await watch?.lookIfDue();
    while (learner.step < totalSteps) {
      await finetuning.round(run);
      await watch?.lookIfDue();
    }
    await context.checkpoints.settle();
    const product = await storeTraining(context, { spec, learner, history });
    return { ...product, summary: { ...product.summary, rounds: roundsOf(history) } };
  } finally {
    await run.close();
    watch?.dispose();
    finetuning.dispose();
    learner.dispose();
  }
};

function checkTrainable(
  trainable: StageParams<'augmented-finetune'>['trainable'],
  { depth }: VitConfig,
): void {
  if (trainable.kind !== 'last-blocks' || trainable.blocks <= depth) return;
  throw new VitrineError('InvalidSpec', 'The model has fewer blocks than are to learn.', {
    where: 'params.trainable.blocks',
    expected: `at most the depth ${depth}`,
    actual: `${trainable.blocks}`,
  });
}

interface Parts {
  readonly context: StageContext<'augmented-finetune'>;
  readonly params: ReturnType<typeof withRecipe>;
  readonly config: VitConfig;
  readonly sequence: BatchSequence;
  readonly learner: Learner;
  readonly history: History;
}

interface Resumed {
  readonly arrays: StateDict;
  readonly meta: Meta;
}

/** The rounds: which phase the stage is in, and the noise of the round. */
class Finetuning {
  readonly stepper: Stepper;
  /** While a noise is sought. */
  private search: NoiseSearch | undefined;
  /** While the model learns with it. */
  private noise: HostTensor | undefined;

  constructor(
    private readonly parts: Parts,
    resumed: Resumed | undefined,
  ) {
    if (resumed?.meta.synthesisStep != null)
      this.search = NoiseSearch.restore(this.searchPlan(), resumed.arrays, resumed.meta.synthesisStep);
    if (resumed) this.noise = takePrefix('round', resumed.arrays)['noise'];
    this.stepper = new Stepper(parts.context, {
      done: resumed?.meta.done ?? 0,
      total: (resumed?.meta.done ?? 0) + this.stepsLeft(),
      everySteps: parts.params.checkpoint.everySteps,
      snapshot: () => this.snapshot(),
    });
  }

  /** One round, from wherever it stands: its noise, then its steps. */
  async round(run: TrainingRun): Promise<void> {
    const { context, params, history } = this.parts;
    const { stepsPerRound } = params;
    const round = this.roundNumber();
    if (this.noiseMode && !this.noise) {
      this.search ??= NoiseSearch.start(this.searchPlan());
      const [found] = await this.search.run({ history, stepper: this.stepper });
      const { norm = NaN, synthesisSteps = 0, converged = false } = found ?? {};
      this.noise = this.search.noise();
      this.search.dispose();
      this.search = undefined;
      this.stepper.total = this.stepper.done + this.stepsLeft();
      context.log(
        'info',
        `noise ${round + 1}: norm ${norm.toFixed(2)} after ${synthesisSteps} steps${converged ? '' : ', tolerance not met'}`,
      );
    }
    await run.advance((round + 1) * stepsPerRound, `finetune ${round + 1}`, this.noise);
    this.noise = undefined;
  }

  dispose(): void {
    this.search?.dispose();
  }

  private get noiseMode(): SynthesisSettings['mode'] | undefined {
    return NOISE_MODE[this.parts.params.objective.kind];
  }

  private roundNumber(): number {
    return Math.floor(this.parts.learner.step / this.parts.params.stepsPerRound);
  }

  private searchPlan(): NoiseSearchPlan {
    const { context, params, config, sequence, learner } = this.parts;
    const { batchSize, ...settings } = params.synthesis;
    return {
      executor: context.executor,
      config,
      weights: learner.weights(),
      settings: { ...settings, recipe: params.recipe, mode: this.noiseMode ?? 'learned' },
      batchSize,
      images: sequence,
      round: this.roundNumber(),
    };
  }

  /** Steps of both kinds still to come, at most: a noise may be ready sooner. */
  private stepsLeft(): number {
    const { rounds, stepsPerRound, synthesis } = this.parts.params;
    const { step } = this.parts.learner;
    const learning = rounds * stepsPerRound - step;
    if (!this.noiseMode) return learning;
    const noises = rounds - Math.floor(step / stepsPerRound) - (this.noise ? 1 : 0);
    return learning + noises * synthesis.maxSteps - (this.search?.step ?? 0);
  }

  private snapshot(): Uint8Array {
    const { params, learner, history } = this.parts;
    // After its last step a round has no more use for its noise.
    const inRound = learner.step % params.stepsPerRound !== 0;
    const meta: Meta = {
      done: this.stepper.done,
      step: learner.step,
      synthesisStep: this.search?.step ?? null,
      history: history.toText(),
    };
    return encodeCheckpoint('augmented-finetune', {
      arrays: {
        ...learner.arrays(),
        ...this.search?.arrays(),
        ...(this.noise && inRound && addPrefix('round', { noise: this.noise })),
      },
      meta,
    });
  }
}

function decodePrevious(context: StageContext<'augmented-finetune'>): Resumed | undefined {
  const { previous } = context.checkpoints;
  return previous ? decodeCheckpoint('augmented-finetune', metaSchema, previous.content) : undefined;
}

const roundsOf = (history: History): StageSummary<'augmented-finetune'>['rounds'] =>
  history.all('round').map(({ round, synthesisSteps, converged, norm, mseProbs }) => ({
    round,
    synthesisSteps,
    converged,
    norm,
    mseProbs,
  }));
