import { VitrineError } from '@vitrine/contracts';
import type { BatchBuffers } from '@vitrine/ml-data';
import { vitParameterShapes, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import {
  takePrefix,
  type HostTensor,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import {
  initialTrainingState,
  NonFiniteError,
  predictLogits,
  STATE,
  trainingProgram,
  type TrainStepHyper,
} from '@vitrine/ml-training';

/** Images of one prediction. */
const PREDICTION_SIZE = 256;

export interface LearnerPlan {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  readonly batchSize: number;
  readonly hyper: TrainStepHyper & { readonly weightDecay: number };
}

export interface LearningStep {
  readonly learningRate: number;
  /** On the patch embeddings, [1, N, D]. */
  readonly noise?: HostTensor | undefined;
}

/** A model in training: weights and optimizer slots on the device, and the number of steps they have seen. */
export class Learner {
  private readonly program: RunningProgram<'learn' | 'learnWithNoise' | 'predict'>;

  private constructor(
    private readonly plan: LearnerPlan,
    state: StateDict,
    private stepsDone: number,
  ) {
    this.program = plan.executor.start(trainingProgram({ ...plan, predictionSize: PREDICTION_SIZE }));
    this.program.writeState(state);
  }

  static start(plan: LearnerPlan, weights: StateDict): Learner {
    return new Learner(plan, initialTrainingState(inModelOrder(plan.config, weights, 'weights')), 0);
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
    return new Learner(plan, Object.fromEntries(state), step);
  }

  /** Optimizer steps done. */
  get step(): number {
    return this.stepsDone;
  }

  /** @throws NonFiniteError, after which the model is of no more use; ShapeError */
  learn(
    { pixels, labels }: BatchBuffers,
    { learningRate, noise }: LearningStep,
  ): { loss: number; gradientNorm: number } {
    const rates = adamwRates({ ...this.plan.hyper, step: this.stepsDone + 1, learningRate });
    const batch = { pixels, labels, rates };
    const outputs = noise
      ? this.program.run('learnWithNoise', { ...batch, noise: noise.data })
      : this.program.run('learn', batch);
    const [loss = NaN, gradientNorm = NaN] = ['loss', 'gradientNorm'].map((name) => outputs[name]?.data[0]);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw new NonFiniteError(this.stepsDone, loss, gradientNorm);
    this.stepsDone += 1;
    return { loss, gradientNorm };
  }

  /** Logits [count, K] of the present model. */
  predict(pixels: Float32Array): Float32Array {
    return predictLogits(this.program, this.plan.config, { pixels, batchSize: PREDICTION_SIZE });
  }

  weights(): StateDict {
    const { params } = STATE;
    const names = Object.keys(vitParameterShapes(this.plan.config)).map((name) => `${params}/${name}`);
    return takePrefix(params, this.program.readState(names));
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return this.program.readState();
  }

  dispose(): void {
    this.program.dispose();
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
