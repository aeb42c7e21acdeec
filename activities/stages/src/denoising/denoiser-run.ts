import type { ArtifactRef, StageParams } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { checkSequence, stepsPerEpoch, type BatchSequence } from '@vitrine/ml-data';
import { cosineSchedule } from '@vitrine/ml-optim';
import { openBatchStream, type BatchStream } from '../prefetch/batch-stream.js';
import type { StageContext } from '../stage-context.js';
import type { History } from '../training/history.js';
import type { Stepper } from '../training/stepper.js';
import type { DenoiserLearner } from './denoiser-learner.js';
import { sampleGrid } from './sample-grid.js';
import { stepwise } from '../stepwise.js';

/** On the way so many test images will do; at the end it is all of them. */
const INTERMEDIATE_IMAGES = 512;

export interface DenoiserRunPlan {
  readonly context: StageContext<'train-denoiser'>;
  readonly sequence: BatchSequence;
  readonly totalSteps: number;
  readonly test: ImageSet;
}

interface Parts {
  readonly learner: DenoiserLearner;
  readonly history: History;
  readonly stepper: Stepper;
}

/** The optimizer steps of a denoiser, from wherever its learner stands, with judgements and grids of samples. */
export class DenoiserRun {
  private stream: BatchStream | undefined;
  private readonly params: StageParams<'train-denoiser'>;
  private readonly learningRateAt: (step: number) => number;
  /** Steps between two grids. */
  private readonly every: number;

  /** @throws BatchError when the data do not make one batch */
  constructor(
    private readonly plan: DenoiserRunPlan,
    private readonly parts: Parts,
  ) {
    checkSequence(plan.sequence);
    this.params = plan.context.params;
    this.learningRateAt = cosineSchedule({ ...this.params.optimizer, totalSteps: plan.totalSteps });
    this.every = Math.ceil(plan.totalSteps / this.params.samples.grids);
  }

  async advance(): Promise<void> {
    const { learner } = this.parts;
    await this.lookIfDue();
    while (learner.step < this.plan.totalSteps) {
      await this.step();
      await this.lookIfDue();
    }
  }

  async close(): Promise<void> {
    await this.stream?.close();
  }

  private async step(): Promise<void> {
    const { learner, history, stepper } = this.parts;
    this.stream ??= openBatchStream(this.plan.sequence, { fromStep: learner.step });
    const batch = await stepper.waitFor(this.stream.next());
    const learningRate = this.learningRateAt(learner.step);
    const { loss, gradientNorm } = learner.learn(batch, learningRate);
    stepper.learned({ loss, images: this.plan.sequence.batchSize, learningRate, gradientNorm });
    const { step } = learner;
    history.push({ event: 'step', step, epoch: this.epochAt(step), loss, learningRate, gradientNorm });
    await stepper.tick('train', { loss, learningRate });
  }

  /** A judgement and a grid follow from the weights alone: what was cut off is not in the history and is made again. */
  private async lookIfDue(): Promise<void> {
    const { learner, history } = this.parts;
    const { step } = learner;
    const last = step === this.plan.totalSteps;
    if (step === 0 || (step % this.every !== 0 && !last)) return;
    if (history.last('denoising')?.step !== step) await this.judge(last ? Infinity : INTERMEDIATE_IMAGES);
    if (history.last('samples')?.step !== step) await this.draw();
  }

  private async judge(limit: number): Promise<void> {
    const { learner, history, stepper } = this.parts;
    const judged = await learner.judge(this.plan.test, limit, () => stepper.breathe('judge', {}));
    history.push({ event: 'denoising', step: learner.step, epoch: this.epochAt(learner.step), ...judged });
  }

  private async draw(): Promise<void> {
    const { learner, history, stepper } = this.parts;
    const { model, samples } = this.params;
    const images = await stepwise(learner.sample(samples.sampler, samples.steps), (sampled) =>
      stepper.breathe('sample', { sampled }),
    );
    const png = sampleGrid(images, {
      count: samples.count,
      channels: model.channels,
      size: model.imageSize,
    });
    const picture: ArtifactRef = await this.plan.context.artifacts.put('picture', png);
    history.push({ event: 'samples', step: learner.step, sampler: samples.sampler, picture });
  }

  private epochAt(step: number): number {
    return step / stepsPerEpoch(this.plan.sequence);
  }
}
