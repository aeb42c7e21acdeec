import type { BenchOptions } from './bench.js';
import { beside, type Work } from './beside.js';
import type { Figure } from './figure.js';
import { sidesOf } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

/** A comparison as a bench calls it, and what is counted of it. */
export interface TitledComparison extends Omit<Work, 'rounds'> {
  readonly name: string;
  readonly comparison: Comparison;
}

/** Each of some comparisons, beside PyTorch on equal work. */
export async function* besideTorch(
  { device, threads, execution, quick, only, say }: BenchOptions,
  comparisons: readonly TitledComparison[],
): AsyncGenerator<Figure> {
  const place = { device, threads, execution };
  const rounds = quick ? { rounds: 5, turnSeconds: 0.3 } : { rounds: 7, turnSeconds: 1 };
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    for (const { name, comparison, ...work } of comparisons) {
      if (!name.includes(only)) continue;
      say(`${name}: beside PyTorch`);
      const how = { place, inputs: await entrants.inputsOf(comparison) };
      const pair = [
        entrants.ours(comparison, { ...how, name: 'ours' }),
        entrants.torch(comparison, { ...how, name: 'PyTorch eager' }),
      ] as const;
      yield* beside(name, pair, { rounds, ...work });
    }
  });
}
