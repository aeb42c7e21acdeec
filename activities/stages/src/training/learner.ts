import { VitrineError } from '@vitrine/contracts';
import type { BatchBuffers } from '@vitrine/ml-data';
import { vitParameterShapes, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import { takePrefix, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import {
  initialTrainingState,
  NonFiniteError,
  predictLogits,
  STATE,
  type TrainStepHyper,
} from '@vitrine/ml-training';
import { LossScaling } from './loss-scaling.js';
import { startSteps, type OptimizerSteps, type StepFigures, type StepsPlan } from './optimizer-steps.js';

/** Images of one prediction. */
const PREDICTION_SIZE = 256;

export interface LearnerPlan extends Omit<StepsPlan, 'predictionSize'> {
  readonly hyper: TrainStepHyper & { readonly weightDecay: number };
}

export interface LearningStep {
  readonly learningRate: number;
  /** On the patch embeddings, [1, N, D]. */
  readonly noise?: HostTensor | undefined;
}

export type LearnedStep =
  | (StepFigures & { readonly dropped: false })
  /** The scale is that of the next step. */
  | { readonly dropped: true; readonly lossScale: number };

/** A model in training: weights and optimizer slots on the device, and the number of steps they have seen. */
export class Learner {
  private readonly steps: OptimizerSteps;

  private constructor(
    private readonly plan: LearnerPlan,
    state: StateDict,
    private readonly at: { stepsDone: number; readonly scaling: LossScaling },
  ) {
    this.steps = startSteps({ ...plan, predictionSize: PREDICTION_SIZE }, state);
  }

  static start(plan: LearnerPlan, weights: StateDict): Learner {
    return new Learner(plan, initialTrainingState(inModelOrder(plan.config, weights, 'weights')), {
      stepsDone: 0,
      scaling: LossScaling.start(plan.profile),
    });
  }

  /**
   * From the arrays of a checkpoint.
   * @throws VitrineError ArtifactCorrupt when one is missing
   */
  static restore(plan: LearnerPlan, arrays: StateDict, step: number): Learner {
    const groups = Object.values(STATE).map((group) => {
      const present = takePrefix(group, arrays);
      return [group, inModelOrder(plan.config, present, `checkpoint, ${group}`)] as const;
    });
    const state = groups.flatMap(([group, entries]) =>
      Object.entries(entries).map(([name, array]) => [`${group}/${name}`, array] as const),
    );
    const scaling = LossScaling.restore(plan.profile, arrays);
    return new Learner(plan, Object.fromEntries(state), { stepsDone: step, scaling });
  }

  /** Steps done, with those that were dropped. */
  get step(): number {
    return this.at.stepsDone;
  }

  /**
   * One step; dropped, when the gradient of a scaled loss overflowed.
   * @throws NonFiniteError, after which the model is of no more use; ShapeError
   */
  async learn(batch: BatchBuffers, { learningRate, noise }: LearningStep): Promise<LearnedStep> {
    const { at, plan } = this;
    const updates = at.stepsDone - at.scaling.dropped;
    const rates = adamwRates({ ...plan.hyper, step: updates + 1, learningRate });
    const lossScale = at.scaling.scale;
    const { loss, gradientNorm } = await this.steps.take({
      ...{ step: at.stepsDone, batch, rates, noise, lossScale },
    });
    const overflowed = !Number.isFinite(gradientNorm);
    const { mended } = at.scaling.saw(!overflowed);
    if ((overflowed && !mended) || (!overflowed && !Number.isFinite(loss)))
      throw new NonFiniteError(at.stepsDone, loss, gradientNorm);
    at.stepsDone += 1;
    return overflowed
      ? { dropped: true, lossScale: at.scaling.scale }
      : { dropped: false, loss, gradientNorm };
  }

  /** Logits [count, K] of the present model. */
  predict(pixels: Float32Array): Float32Array {
    return predictLogits(this.steps.program, this.plan.config, { pixels, batchSize: PREDICTION_SIZE });
  }

  weights(): StateDict {
    return takePrefix(STATE.params, this.read(STATE.params));
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return { ...this.read(...Object.values(STATE)), ...this.at.scaling.arrays() };
  }

  dispose(): void {
    this.steps.dispose();
  }

  private read(...groups: readonly string[]): StateDict {
    const names = Object.keys(vitParameterShapes(this.plan.config));
    return this.steps.program.readState(groups.flatMap((group) => names.map((name) => `${group}/${name}`)));
  }
}

/**
 * The arrays in the order of the architecture. Sums over all parameters, such as the gradient's norm, depend on the order
 * in their last digit, and files come back sorted by name.
 * @throws VitrineError ArtifactCorrupt when an array is missing
 */
function inModelOrder(config: VitConfig, arrays: StateDict, where: string): StateDict {
  return Object.fromEntries(
    Object.keys(vitParameterShapes(config)).map((name) => {
      const array = arrays[name];
      if (array) return [name, array];
      throw new VitrineError('ArtifactCorrupt', 'An array of the model is missing.', {
        where,
        expected: name,
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    }),
  );
}
