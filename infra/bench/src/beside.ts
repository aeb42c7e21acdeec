import { atLeast, atMost, compareMemory, compareProcessorRates, compareRates } from './compare.js';
import { contest, type Entrant, type Rounds } from './contest.js';
import type { Figure } from './figure.js';

export interface Work {
  readonly rounds: Rounds;
  /** Units of work of a call, and what a second of them is called. */
  readonly work: number;
  readonly unit: string;
}

/** Ours and its peer in turns: rate, rate by processor time, and memory. Ours is to be no slower and no larger. */
export async function* beside(
  name: string,
  pair: readonly [ours: Entrant, peer: Entrant],
  { rounds, ...work }: Work,
): AsyncGenerator<Figure> {
  const [ours, peer] = [...(await contest(pair, rounds)).values()];
  if (!ours || !peer) throw new Error(`${name}: expected an outcome of each side`);
  yield compareRates(name, [ours, peer], { ...work, bar: atLeast(1) });
  if (pair[0].case.device === 'cpu') yield compareProcessorRates(`${name}.processor`, [ours, peer], work);
  yield compareMemory(`${name}.memory`, [ours, peer], atMost(1));
}
