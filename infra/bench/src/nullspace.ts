/** The two steps of the nullspace method beside a straightforward PyTorch version, on equal work. */
import type { BenchOptions } from './bench.js';
import { atLeast, atMost, compareMemory, compareProcessorRates, compareRates } from './compare.js';
import { contest } from './contest.js';
import type { Figure } from './figure.js';
import { sidesOf } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

const SPEED_BAR = atLeast(1);
const MEMORY_BAR = atMost(1);

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
      ];
      const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 7, turnSeconds: 1 };
      const [ours, torch] = [...(await contest(pair, rounds)).values()];
      if (!ours || !torch) throw new Error(`${name}: expected an outcome of each side`);
      const rate =
        comparison.task === 'finetune'
          ? { work: 1, unit: 'steps/s' }
          : { work: comparison.batch, unit: 'images/s' };
      yield compareRates(name, [ours, torch], { ...rate, bar: SPEED_BAR });
      if (device === 'cpu') yield compareProcessorRates(`${name}.processor`, [ours, torch], rate);
      yield compareMemory(`${name}.memory`, [ours, torch], MEMORY_BAR);
    }
  });
}
