/** What an evaluation does most, beside PyTorch on equal work: answers on clean images, and under PGD with 20 steps. */
import type { BenchOptions } from './bench.js';
import { beside } from './beside.js';
import type { Figure } from './figure.js';
import { sidesOf } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

/** The batch of the stage's default on the model of the quick pipeline, and a smaller one on ViT-Ti. */
const COMPARISONS: readonly Comparison[] = [
  { task: 'forward', model: 'quick', batch: 128 },
  { task: 'pgd', model: 'quick', batch: 128 },
  { task: 'forward', model: 'ti4', batch: 32 },
  { task: 'pgd', model: 'ti4', batch: 32 },
];

const TITLES: Readonly<Partial<Record<Comparison['task'], string>>> = { forward: 'clean', pgd: 'pgd20' };

export async function* evaluation(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads, execution, quick } = options;
  const place = { device, threads, execution };
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    for (const comparison of COMPARISONS) {
      const { task, model, batch } = comparison;
      const name = `evaluation.${TITLES[task] ?? task}.${model}.b${batch}`;
      if (!name.includes(options.only)) continue;
      options.say(`${name}: beside PyTorch`);
      const how = { place, inputs: await entrants.inputsOf(comparison) };
      const pair = [
        entrants.ours(comparison, { ...how, name: 'ours' }),
        entrants.torch(comparison, { ...how, name: 'PyTorch eager' }),
      ] as const;
      const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 7, turnSeconds: 1 };
      yield* beside(name, pair, { rounds, work: batch, unit: 'images/s' });
    }
  });
}
