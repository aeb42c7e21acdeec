import { conditionsOf, type Condition, type HistoryRow, type StageParams } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import type { AttackFunction } from '@vitrine/ml-attacks';
import { imageBatch } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';
import type { ProgramExecutor, RunningProgram } from '@vitrine/ml-tensor';
import { accuracyOf } from '@vitrine/ml-training';
import { conditionLogits } from '../evaluation/condition-logits.js';
import { judgedVit, startAttack } from '../evaluation/judged-model.js';
import type { History } from './history.js';
import type { Learner } from './learner.js';
import type { Stepper } from './stepper.js';

/** Images of one call. */
const BATCH = 64;

interface WatchParts {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  readonly test: ImageSet;
  readonly seed: number;
  /** A look after every so many steps of learning, and after the last. */
  readonly every: number;
  readonly totalSteps: number;
  readonly learner: Learner;
  readonly history: History;
  readonly stepper: Stepper;
}

/**
 * How a model fares under attacks and corruptions while it is finetuned, from before the first step on. A look follows from
 * the weights alone, so one that was cut off is made again.
 */
export class Watch {
  private readonly conditions: readonly Condition[];
  private readonly images: number;
  private model: RunningProgram<AttackFunction> | undefined;

  constructor(
    { images, conditions }: NonNullable<StageParams<'augmented-finetune'>['watch']>,
    private readonly parts: WatchParts,
  ) {
    this.images = Math.min(images, parts.test.count);
    this.conditions = conditions.flatMap(conditionsOf);
  }

  async lookIfDue(): Promise<void> {
    const { learner, history, every, totalSteps } = this.parts;
    const due = learner.step % every === 0 || learner.step === totalSteps;
    if (!due || history.last('robustness')?.step === learner.step) return;
    const { executor, config } = this.parts;
    this.model ??= startAttack(executor, judgedVit(config), BATCH);
    this.model.writeState(learner.weights());
    const rows: Extract<HistoryRow, { event: 'robustness' }>[] = [];
    for (const condition of this.conditions) {
      const accuracy = await this.accuracyUnder(condition, this.model);
      rows.push({ event: 'robustness', step: learner.step, condition, accuracy, images: this.images });
    }
    rows.forEach((row) => history.push(row));
  }

  dispose(): void {
    this.model?.dispose();
  }

  private async accuracyUnder(condition: Condition, model: RunningProgram<AttackFunction>): Promise<number> {
    const { config, test, seed, stepper } = this.parts;
    const breathe = (metrics: Record<string, number>): Promise<void> => stepper.breathe('watch', metrics);
    let correct = 0;
    for (let first = 0; first < this.images; first += BATCH) {
      const count = Math.min(BATCH, this.images - first);
      const batch = imageBatch(test, first, { count, size: BATCH });
      const { logits } = await conditionLogits(
        { model, config, condition },
        { ...batch, seed, index: first },
        breathe,
      );
      correct += accuracyOf(
        logits.subarray(0, count * config.classes),
        batch.labels.subarray(0, count),
        config.classes,
      );
      await breathe({ images: first + count });
    }
    return correct / this.images;
  }
}
