/** What an evaluation does most, beside PyTorch on equal work: answers on clean images, and under PGD with 20 steps. */
import type { BenchOptions } from './bench.js';
import { besideTorch } from './beside-torch.js';
import type { Figure } from './figure.js';
import type { Comparison } from './train-step-plan.js';

/** The batch of the stage's default on the model of the quick pipeline, and a smaller one on ViT-Ti. */
const COMPARISONS: readonly Comparison[] = [
  { task: 'forward', model: 'quick', batch: 128 },
  { task: 'pgd', model: 'quick', batch: 128 },
  { task: 'forward', model: 'ti4', batch: 32 },
  { task: 'pgd', model: 'ti4', batch: 32 },
];

const TITLES: Readonly<Partial<Record<Comparison['task'], string>>> = { forward: 'clean', pgd: 'pgd20' };

export function evaluation(options: BenchOptions): AsyncGenerator<Figure> {
  const titled = COMPARISONS.map((comparison) => {
    const { task, model, batch } = comparison;
    const name = `evaluation.${TITLES[task] ?? task}.${model}.b${batch}`;
    return { name, comparison, work: batch, unit: 'images/s' };
  });
  return besideTorch(options, titled);
}
