import { VitrineError, type DenoiserSpec } from '@vitrine/contracts';
import { imageSlice, type BatchBuffers, type Images } from '@vitrine/ml-data';
import {
  averageShare,
  DENOISER_STATE,
  denoiserProgram,
  initialDenoiserState,
  noiseSchedule,
  sampleSteps,
  trainingDraws,
  type DenoiserFunction,
  type NoiseSchedule,
} from '@vitrine/ml-diffusion';
import { unetParameterShapes } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import {
  PURPOSE,
  randomStream,
  takePrefix,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { NonFiniteError } from '@vitrine/ml-training';

export interface DenoiserPlan {
  readonly executor: ProgramExecutor;
  readonly spec: DenoiserSpec;
  readonly batchSize: number;
  readonly sampleCount: number;
  readonly hyper: { readonly beta1: number; readonly beta2: number; readonly weightDecay: number };
  readonly averageDecay: number;
  readonly dropout: number;
  readonly seed: number;
}

/** Steps from here on are none of training's: the noise by which test images are judged. */
const JUDGED_FROM = 0x8000_0000;

/** A denoiser in training: weights, their running mean and optimizer slots on the device. */
export class DenoiserLearner {
  readonly schedule: NoiseSchedule;
  private readonly program: RunningProgram<DenoiserFunction>;

  private constructor(
    private readonly plan: DenoiserPlan,
    state: StateDict,
    private stepsDone: number,
  ) {
    const { spec } = plan;
    this.schedule = noiseSchedule(spec.diffusion);
    this.program = plan.executor.start(
      denoiserProgram({ ...plan, config: spec, steps: spec.diffusion.steps }),
    );
    this.program.writeState(state);
  }

  static start(plan: DenoiserPlan, weights: StateDict): DenoiserLearner {
    return new DenoiserLearner(plan, initialDenoiserState(weights), 0);
  }

  /** From the arrays of a checkpoint. @throws VitrineError ArtifactCorrupt when one is missing */
  static restore(plan: DenoiserPlan, arrays: StateDict, step: number): DenoiserLearner {
    const names = Object.keys(unetParameterShapes(plan.spec));
    const entries = Object.values(DENOISER_STATE).flatMap((group) => names.map((name) => `${group}/${name}`));
    const state = entries.map((entry) => {
      const array = arrays[entry];
      if (array) return [entry, array] as const;
      throw new VitrineError('ArtifactCorrupt', 'An array of the denoiser is missing.', {
        where: 'checkpoint of a train-denoiser stage',
        expected: entry,
        actual: `${Object.keys(arrays).length} other arrays`,
      });
    });
    return new DenoiserLearner(plan, Object.fromEntries(state), step);
  }

  get step(): number {
    return this.stepsDone;
  }

  /** @throws NonFiniteError, after which the model is of no more use */
  learn(batch: BatchBuffers, learningRate: number): { loss: number; gradientNorm: number } {
    const { hyper, averageDecay, dropout, seed } = this.plan;
    const step = this.stepsDone + 1;
    const rates = adamwRates({ ...hyper, step, learningRate });
    const outputs = this.program.run('learn', {
      ...this.noisy(batch, this.stepsDone),
      rates,
      ...(dropout > 0 && { dropout: randomStream({ seed, purpose: PURPOSE.dropout, step }) }),
    });
    const [loss = NaN, gradientNorm = NaN] = ['loss', 'gradientNorm'].map((name) => outputs[name]?.data[0]);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw new NonFiniteError(this.stepsDone, loss, gradientNorm);
    this.program.run('average', { share: Float32Array.of(averageShare(averageDecay, step)) });
    this.stepsDone = step;
    return { loss, gradientNorm };
  }

  /**
   * The loss of the running mean on whole batches of images; with fewer images than one, the first come again.
   * @param onBatch called after every batch
   */
  async judge(
    images: Images,
    limit: number,
    onBatch: () => Promise<void>,
  ): Promise<{ loss: number; images: number }> {
    const { batchSize } = this.plan;
    const batches = Math.max(1, Math.floor(Math.min(images.count, limit) / batchSize));
    let total = 0;
    for (let batch = 0; batch < batches; batch++) {
      const given = this.noisy(wholeBatch(images, batch * batchSize, batchSize), JUDGED_FROM + batch);
      total += this.program.run('judge', given)['loss']?.data[0] ?? NaN;
      await onBatch();
    }
    return { loss: total / batches, images: batches * batchSize };
  }

  /** Yields after every step; returns images in [0, 1], the same noise for every grid of a training. */
  sample(sampler: 'ddpm' | 'ddim', steps: number): Generator<number, Float32Array, void> {
    const { spec, seed, sampleCount } = this.plan;
    const labels = Int32Array.from({ length: sampleCount }, (_, i) => i % Math.max(1, spec.classes));
    return sampleSteps(this.program, this.schedule, {
      sampler,
      steps: Math.min(steps, spec.diffusion.steps),
      seed,
      images: sampleCount,
      stride: spec.channels * spec.imageSize ** 2,
      ...(spec.classes > 0 && { labels }),
    });
  }

  /** The running mean of the weights. */
  weights(): StateDict {
    const { mean } = DENOISER_STATE;
    const names = Object.keys(unetParameterShapes(this.plan.spec)).map((name) => `${mean}/${name}`);
    return takePrefix(mean, this.program.readState(names));
  }

  /** What `restore` takes. */
  arrays(): StateDict {
    return this.program.readState();
  }

  dispose(): void {
    this.program.dispose();
  }

  private noisy({ pixels, labels }: BatchBuffers, step: number): Record<string, Float32Array | Int32Array> {
    const { seed, spec } = this.plan;
    const images = labels.length;
    const draws = trainingDraws(this.schedule, { seed, step, images, stride: pixels.length / images });
    return { pixels, ...draws, ...(spec.classes > 0 && { labels }) };
  }
}

function wholeBatch(images: Images, first: number, size: number): BatchBuffers {
  if (first + size <= images.count) return imageSlice(images, first, size);
  const parts = Array.from({ length: size }, (_, i) => imageSlice(images, (first + i) % images.count, 1));
  return {
    pixels: Float32Array.from(parts.flatMap(({ pixels }) => [...pixels])),
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
  };
}
