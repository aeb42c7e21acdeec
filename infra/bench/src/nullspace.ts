/** The two steps of the nullspace method beside a straightforward PyTorch version, on equal work. */
import type { BenchOptions } from './bench.js';
import { besideTorch } from './beside-torch.js';
import type { Figure } from './figure.js';
import type { Comparison } from './train-step-plan.js';

/** Synthesis in images a second, finetuning in steps a second, on the model of the quick pipeline and on ViT-Ti. */
const COMPARISONS: readonly Comparison[] = [
  { task: 'noise-synthesis', model: 'quick', batch: 128 },
  { task: 'finetune', model: 'quick', batch: 64 },
  { task: 'noise-synthesis', model: 'ti4', batch: 16 },
  { task: 'finetune', model: 'ti4', batch: 16 },
];

export function nullspace(options: BenchOptions): AsyncGenerator<Figure> {
  const titled = COMPARISONS.map((comparison) => {
    const { task, model, batch } = comparison;
    const rate = task === 'finetune' ? { work: 1, unit: 'steps/s' } : { work: batch, unit: 'images/s' };
    return { name: `nullspace.${task}.${model}.b${batch}`, comparison, ...rate };
  });
  return besideTorch(options, titled);
}
