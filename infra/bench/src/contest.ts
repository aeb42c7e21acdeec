/** Several programs on equal work, in turns: A B C A B C …, so that a machine that slows down slows all of them down. */
import { setTimeout as sleep } from 'node:timers/promises';
import { peakMemory } from './machine.js';
import { Player, type Effort, type Program } from './player.js';
import type { Case, Check } from './protocol.js';

export interface Entrant {
  readonly name: string;
  readonly program: Program;
  readonly case: Case;
  /** Entrants of one group must agree on their results; their tolerance, relative to the largest value. */
  readonly agreement?: { readonly group: string; readonly tolerance: number };
}

export interface Rounds {
  readonly rounds: number;
  /** A turn repeats the task until it takes about this long. */
  readonly turnSeconds: number;
}

export interface Outcome {
  /** Seconds for doing the task once, one number a round. */
  readonly seconds: readonly number[];
  /** Processor time of all threads, likewise. */
  readonly processorSeconds: readonly number[];
  /** Bytes, in the process's whole life; undefined where they could not be told. */
  readonly peakMemory: number | undefined;
}

/** Threads of both sides wait actively for a moment after their work; the next turn begins when that is over. */
const PAUSE_MS = 200;

/**
 * Prepares all, lets them agree, warms them up, measures. Every process is ended when this returns or throws.
 * @throws when two of a group do not agree, or a program fails
 */
export async function contest(
  entrants: readonly Entrant[],
  { rounds, turnSeconds }: Rounds,
): Promise<ReadonlyMap<string, Outcome>> {
  const players: { readonly entrant: Entrant; readonly player: Player }[] = [];
  try {
    const checks = new Map<string, readonly Check[]>();
    for (const entrant of entrants) {
      const player = new Player(entrant.name, entrant.program);
      players.push({ entrant, player });
      checks.set(entrant.name, await player.prepare(entrant.case));
    }
    demandAgreement(entrants, checks);
    const turns = [];
    for (const { player, entrant } of players) {
      await player.round(1);
      await sleep(PAUSE_MS);
      const times = Math.max(1, Math.round(turnSeconds / (await player.round(1)).seconds));
      turns.push({ player, entrant, times, efforts: [] as Effort[] });
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { player, times, efforts } of turns) {
        await sleep(PAUSE_MS);
        efforts.push(await player.round(times));
      }
    }
    const outcomes = new Map<string, Outcome>();
    for (const { entrant, player, times, efforts } of turns)
      outcomes.set(entrant.name, {
        seconds: efforts.map(({ seconds }) => seconds / times),
        processorSeconds: efforts.map(({ processorSeconds }) => processorSeconds / times),
        peakMemory: await peakMemory(entrant.case.device, player.pid),
      });
    return outcomes;
  } finally {
    await Promise.all(players.map(({ player }) => player.end()));
  }
}

/** Compares every entrant with the first of its group. */
function demandAgreement(entrants: readonly Entrant[], checks: ReadonlyMap<string, readonly Check[]>): void {
  const firsts = new Map<string, Entrant>();
  for (const entrant of entrants) {
    if (entrant.agreement === undefined) continue;
    const { group, tolerance } = entrant.agreement;
    const first = firsts.get(group) ?? entrant;
    firsts.set(group, first);
    const expected = checks.get(first.name) ?? [];
    for (const [at, { name, values }] of (checks.get(entrant.name) ?? []).entries()) {
      const other = expected[at]?.values ?? [];
      const error = relativeError(values, other);
      if (error <= tolerance) continue;
      throw new Error(
        `${entrant.name} and ${first.name} do not compute the same, so their times are not compared: ` +
          `${name}, expected a relative error of at most ${tolerance}, got ${error}\n` +
          `${entrant.name}: ${values.join(' ')}\n${first.name}: ${other.join(' ')}`,
      );
    }
  }
}

/** Largest distance, relative to the largest value of the reference; infinite when lengths differ or a value is no number. */
export function relativeError(values: readonly number[], reference: readonly number[]): number {
  const scale = Math.max(...reference.map(Math.abs));
  const distances = values.map((value, at) => Math.abs(value - (reference[at] ?? NaN)));
  const error = Math.max(...distances) / scale;
  return values.length === reference.length && Number.isFinite(error) ? error : Infinity;
}
