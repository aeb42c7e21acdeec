/** What `train-step` compares in its quick and in its full form. */
import type { Rounds } from './contest.js';
import type { Economy, ModelName, VitTask } from './vit-case.js';

export interface Comparison {
  readonly task: VitTask;
  readonly model: ModelName;
  readonly batch: number;
  /** What our side does to need less memory. */
  readonly economy?: Economy;
}

export interface Plan {
  /** Held against the bars: PyTorch eager, `torch.compile`, the machine's peak, memory. */
  readonly judged: readonly Comparison[];
  /** Beside PyTorch eager alone, from small batches to large ones of one model. */
  readonly table: readonly Comparison[];
  /** Peak memory beside PyTorch eager, which takes its batch whole. */
  readonly memory: readonly Comparison[];
  /** From one thread to two. */
  readonly scaling: readonly Comparison[];
  readonly rounds: Rounds;
  /** A cell of the table that would take longer is left out. */
  readonly cellSeconds: number;
}

const TASKS: readonly VitTask[] = ['train', 'forward', 'pgd', 'noise-synthesis'];

const cells = (models: readonly ModelName[], batches: readonly number[]): Comparison[] =>
  models.flatMap((model) => batches.map((batch) => ({ task: 'train' as const, model, batch })));

const ECONOMIES: readonly Economy[] = [
  { microBatch: 16 },
  { recompute: true },
  { microBatch: 16, recompute: true },
];

const FULL: Plan = {
  judged: (['ti4', 'quick'] as const).flatMap((model) => TASKS.map((task) => ({ task, model, batch: 64 }))),
  table: cells(['ti4', 's4', 'b4'], [8, 16, 32, 64, 128, 256]),
  memory: ECONOMIES.map((economy) => ({ task: 'train', model: 'ti4', batch: 64, economy })),
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
  memory: FULL.memory.slice(0, 1),
  scaling: [{ task: 'train', model: 'ti4', batch: 8 }],
  rounds: { rounds: 5, turnSeconds: 0.3 },
  cellSeconds: 60,
};

export const planOf = (quick: boolean): Plan => (quick ? QUICK : FULL);

export function nameOf({ task, model, batch, economy = {} }: Comparison): string {
  const { microBatch, recompute } = economy;
  const economies = [
    ...(microBatch === undefined ? [] : [`micro${microBatch}`]),
    ...(recompute ? ['recompute'] : []),
  ];
  return ['train-step', task, model, `b${batch}`, ...economies].join('.');
}
