/** A step of gate training beside PyTorch, on equal work; then the time of masks by every method. */
import type { BenchOptions } from './bench.js';
import { beside } from './beside.js';
import type { Figure } from './figure.js';
import { masks } from './masks.js';
import { sidesOf } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

const COMPARISONS: readonly Comparison[] = [
  { task: 'diffmask', model: 'quick', batch: 32 },
  { task: 'diffmask', model: 'ti4', batch: 16 },
];

const nameOf = ({ model, batch }: Comparison): string => `diffmask.gate-step.${model}.b${batch}`;

export async function* diffmask(options: BenchOptions): AsyncGenerator<Figure> {
  yield* besidePyTorch(options);
  yield* masks(options);
}

async function* besidePyTorch(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads, execution, quick } = options;
  const wanted = COMPARISONS.filter((comparison) => nameOf(comparison).includes(options.only));
  if (wanted.length === 0) return;
  const place = { device, threads, execution };
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    for (const comparison of wanted) {
      const name = nameOf(comparison);
      options.say(`${name}: beside PyTorch`);
      const how = { place, inputs: await entrants.inputsOf(comparison) };
      const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 7, turnSeconds: 1 };
      const pair = [
        entrants.ours(comparison, { ...how, name: 'ours' }),
        entrants.torch(comparison, { ...how, name: 'PyTorch eager' }),
      ] as const;
      yield* beside(name, pair, { rounds, work: comparison.batch, unit: 'images/s' });
    }
  });
}
