import type { StageKind } from '@vitrine/contracts';
import type { StageContext } from '../stage-context.js';

type Metrics = Readonly<Record<string, number>>;

/** What an optimizer step came to. */
export interface LearnedStep {
  readonly loss: number;
  readonly images: number;
  readonly learningRate?: number;
  readonly gradientNorm?: number;
}

/** What every stage's loop does around a step, whatever the step computes. */
export interface StepperOptions {
  /** Steps of work done before this attempt. */
  readonly done: number;
  /** All steps of the stage, as far as is known. */
  readonly total: number;
  /** A checkpoint after every so many steps, and after the last. */
  readonly everySteps: number;
  /** The bytes from which the stage can go on with its next step; a stage without them starts anew. */
  readonly snapshot?: (() => Uint8Array) | undefined;
}

/**
 * Counts the steps of a stage, reports them, stores checkpoints, and lets a request to stop in. A stage that stops
 * stores where it is first, so that the next attempt loses nothing.
 */
export class Stepper {
  total: number;
  private steps: number;
  private stored: number;
  private readonly began: number;
  /** Milliseconds that the loop stood still for want of data; undefined before it first asked for some. */
  private waited: number | undefined;
  /** When the step under way began: with the wait for its data. */
  private stepBegan: number | undefined;

  constructor(
    private readonly context: StageContext<StageKind>,
    private readonly options: StepperOptions,
  ) {
    this.total = options.total;
    this.steps = options.done;
    this.stored = options.done;
    this.began = context.now();
  }

  /** Steps done, in this attempt and before. */
  get done(): number {
    return this.steps;
  }

  /** Steps done when a checkpoint was last stored; 0 when none was. */
  get lastStored(): number {
    return this.stored;
  }

  /**
   * One more step is done and everything that follows from it is recorded.
   * @throws whatever the signal was aborted with, after a checkpoint is stored
   */
  async tick(phase: string, metrics: Metrics): Promise<void> {
    this.steps += 1;
    await this.breathe(phase, metrics);
    if (this.steps % this.options.everySteps === 0 || this.steps === this.total) await this.store();
  }

  /** Waits for data that a step needs; the share of time that goes into it is shown as `dataWait`. */
  async waitFor<T>(data: Promise<T>): Promise<T> {
    const { now } = this.context;
    const asked = now();
    this.stepBegan ??= asked;
    const result = await data;
    const waited = now() - asked;
    this.waited = (this.waited ?? 0) + waited;
    this.context.measure('vitrine_training_data_wait_seconds_total', waited / 1000);
    return result;
  }

  /** Measures an optimizer step, whose data were waited for here and which has just been taken. */
  learned({ loss, images, learningRate, gradientNorm }: LearnedStep): void {
    const { measure, now } = this.context;
    if (this.stepBegan !== undefined)
      measure('vitrine_training_step_seconds', (now() - this.stepBegan) / 1000);
    this.stepBegan = undefined;
    measure('vitrine_training_samples_total', images);
    measure('vitrine_training_loss', loss);
    if (learningRate !== undefined) measure('vitrine_training_learning_rate', learningRate);
    if (gradientNorm !== undefined) measure('vitrine_training_gradient_norm', gradientNorm);
  }

  /** Shows life, and stops if asked to, in work between steps that is done again after a restart. Throws as `tick`. */
  async breathe(phase: string, metrics: Metrics): Promise<void> {
    const { signal, now } = this.context;
    const dataWait = this.waited !== undefined && { dataWait: this.waited / (now() - this.began) };
    await this.context.report({
      phase,
      step: this.steps,
      total: this.total,
      metrics: { ...metrics, ...dataWait },
    });
    if (!signal.aborted) return;
    await this.store();
    await this.context.checkpoints.settle();
    signal.throwIfAborted();
  }

  private async store(): Promise<void> {
    const { snapshot } = this.options;
    if (!snapshot || this.stored === this.steps) return;
    this.stored = this.steps;
    await this.context.checkpoints.save({ step: this.steps, content: snapshot() });
  }
}
