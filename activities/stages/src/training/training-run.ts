import type { optimizerSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { checkSequence, stepsPerEpoch, type BatchSequence } from '@vitrine/ml-data';
import { cosineSchedule } from '@vitrine/ml-optim';
import type { HostTensor } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import { openBatchStream, type BatchStream } from '../prefetch/batch-stream.js';
import type { History } from './history.js';
import type { Learner } from './learner.js';
import type { Stepper } from './stepper.js';
import { testAccuracy } from './test-accuracy.js';

export interface TrainingPlan {
  readonly sequence: BatchSequence;
  readonly totalSteps: number;
  readonly optimizer: z.infer<typeof optimizerSchema>;
  readonly test: ImageSet;
  /** Accuracy is measured after every so many steps, and at the end. */
  readonly evaluateEvery: number;
}

interface Parts {
  readonly learner: Learner;
  readonly history: History;
  readonly stepper: Stepper;
}

/** On the way the first so many test images will do; at the end it is all of them. */
const INTERMEDIATE_IMAGES = 1000;

/** About this many times a stage measures its accuracy. */
const EVALUATIONS = 10;

/** How often to measure accuracy when `units` (epochs, rounds) of `steps` each are to come: at the end of whole units. */
export const evaluationInterval = (units: number, steps: number): number =>
  Math.ceil(units / EVALUATIONS) * steps;

/** The optimizer steps of a stage, from wherever its learner stands. Training and finetuning differ only in the noise. */
export class TrainingRun {
  private stream: BatchStream | undefined;
  private readonly learningRateAt: (step: number) => number;

  /** @throws BatchError when the data do not make one batch */
  constructor(
    private readonly plan: TrainingPlan,
    private readonly parts: Parts,
  ) {
    checkSequence(plan.sequence);
    this.learningRateAt = cosineSchedule({ ...plan.optimizer, totalSteps: plan.totalSteps });
  }

  /**
   * Steps until `to` are done, and the accuracies that are due then measured.
   * @param phase how progress names it
   */
  async advance(to: number, phase: string, noise?: HostTensor): Promise<void> {
    await this.evaluateIfDue();
    while (this.parts.learner.step < to) {
      await this.step(phase, noise);
      await this.evaluateIfDue();
    }
  }

  /** On all test images, as the model is now. Not in the history: an undisturbed training does not measure here. */
  accuracy(): Promise<number> {
    const { learner, stepper } = this.parts;
    const { test } = this.plan;
    return testAccuracy(learner, test, {
      count: test.count,
      onChunk: (images) => stepper.breathe('evaluate', { images }),
    });
  }

  async close(): Promise<void> {
    await this.stream?.close();
  }

  private async step(phase: string, noise?: HostTensor): Promise<void> {
    const { learner, history, stepper } = this.parts;
    this.stream ??= openBatchStream(this.plan.sequence, { fromStep: learner.step });
    const batch = await stepper.waitFor(this.stream.next());
    const learningRate = this.learningRateAt(learner.step);
    const learned = await learner.learn(batch, { learningRate, noise });
    const at = { step: learner.step, epoch: this.epochAt(learner.step) };
    if (learned.dropped) {
      const { lossScale } = learned;
      history.push({ event: 'dropped', ...at, lossScale });
      return stepper.tick(phase, { learningRate, lossScale });
    }
    const { loss, gradientNorm } = learned;
    stepper.learned({ loss, images: this.plan.sequence.batchSize, learningRate, gradientNorm });
    history.push({ event: 'step', ...at, loss, learningRate, gradientNorm });
    const accuracy = history.last('evaluation')?.accuracy;
    await stepper.tick(phase, { loss, learningRate, ...(accuracy !== undefined && { accuracy }) });
  }

  /** An evaluation follows from the weights alone: one that was cut off is not in the history and is made again. */
  private async evaluateIfDue(): Promise<void> {
    const { learner, history, stepper } = this.parts;
    const { test, evaluateEvery, totalSteps } = this.plan;
    const due = learner.step > 0 && (learner.step % evaluateEvery === 0 || learner.step === totalSteps);
    if (!due || history.last('evaluation')?.step === learner.step) return;
    const count = learner.step === totalSteps ? test.count : Math.min(test.count, INTERMEDIATE_IMAGES);
    const accuracy = await testAccuracy(learner, test, {
      count,
      onChunk: (images) => stepper.breathe('evaluate', { images }),
    });
    history.push({
      event: 'evaluation',
      step: learner.step,
      epoch: this.epochAt(learner.step),
      accuracy,
      images: count,
    });
  }

  private epochAt(step: number): number {
    return step / stepsPerEpoch(this.plan.sequence);
  }
}
