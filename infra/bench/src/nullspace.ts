/** The two steps of the nullspace method beside a straightforward PyTorch version, on equal work. */
import type { BenchOptions } from './bench.js';
import { beside } from './beside.js';
import type { Figure } from './figure.js';
import { sidesOf } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

/** Synthesis in images a second, finetuning in steps a second, on the model of the quick pipeline and on ViT-Ti. */
const COMPARISONS: readonly Comparison[] = [
  { task: 'noise-synthesis', model: 'quick', batch: 128 },
  { task: 'finetune', model: 'quick', batch: 64 },
  { task: 'noise-synthesis', model: 'ti4', batch: 16 },
  { task: 'finetune', model: 'ti4', batch: 16 },
];

export async function* nullspace(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads, execution, quick } = options;
  const place = { device, threads, execution };
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    for (const comparison of COMPARISONS) {
      const name = `nullspace.${comparison.task}.${comparison.model}.b${comparison.batch}`;
      if (!name.includes(options.only)) continue;
      options.say(`${name}: beside PyTorch`);
      const how = { place, inputs: await entrants.inputsOf(comparison) };
      const pair = [
        entrants.ours(comparison, { ...how, name: 'ours' }),
        entrants.torch(comparison, { ...how, name: 'PyTorch eager' }),
      ] as const;
      const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 7, turnSeconds: 1 };
      const rate =
        comparison.task === 'finetune'
          ? { work: 1, unit: 'steps/s' }
          : { work: comparison.batch, unit: 'images/s' };
      yield* beside(name, pair, { rounds, ...rate });
    }
  });
}
