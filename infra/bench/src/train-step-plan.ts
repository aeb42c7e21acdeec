/** What `train-step` compares in its quick and in its full form. */
import type { Rounds } from './contest.js';
import type { ModelName, VitTask } from './vit-case.js';

export interface Comparison {
  readonly task: VitTask;
  readonly model: ModelName;
  readonly batch: number;
}

export interface Plan {
  /** Held against the bars: PyTorch eager, `torch.compile`, the machine's peak, memory. */
  readonly judged: readonly Comparison[];
  /** Beside PyTorch eager alone, from small batches to large ones of one model. */
  readonly table: readonly Comparison[];
  /** From one thread to two. */
  readonly scaling: readonly Comparison[];
  readonly rounds: Rounds;
  /** A cell of the table whose rounds would take longer is left out. */
  readonly cellSeconds: number;
}

const TASKS: readonly VitTask[] = ['train', 'forward', 'pgd', 'noise-synthesis'];

const cells = (models: readonly ModelName[], batches: readonly number[]): Comparison[] =>
  models.flatMap((model) => batches.map((batch) => ({ task: 'train' as const, model, batch })));

const FULL: Plan = {
  judged: (['ti4', 'quick'] as const).flatMap((model) => TASKS.map((task) => ({ task, model, batch: 64 }))),
  table: cells(['ti4', 's4', 'b4'], [8, 16, 32, 64, 128, 256]),
  scaling: [{ task: 'train', model: 'ti4', batch: 64 }],
  rounds: { rounds: 7, turnSeconds: 1 },
  cellSeconds: 600,
};

/** PGD-20 of the larger model takes half a minute a turn at batch 64. */
const QUICK: Plan = {
  judged: FULL.judged.map((comparison) =>
    comparison.task === 'pgd' && comparison.model === 'ti4' ? { ...comparison, batch: 8 } : comparison,
  ),
  table: cells(['ti4'], [8, 64]),
  scaling: [{ task: 'train', model: 'ti4', batch: 8 }],
  rounds: { rounds: 5, turnSeconds: 0.3 },
  cellSeconds: 60,
};

export const planOf = (quick: boolean): Plan => (quick ? QUICK : FULL);

export const nameOf = ({ task, model, batch }: Comparison): string => `train-step.${task}.${model}.b${batch}`;
