import type { RunEvent } from '@vitrine/contracts';

/** A result that is kept: whose, and since when, in milliseconds since 1970. */
export interface Kept {
  readonly stage: string;
  readonly at: number;
}

const at = (event: RunEvent): number => Date.parse(event.at);

/**
 * Work that was done again although it had been safe: an attempt of a stage whose result was kept already, or one that went
 * on from an earlier step than the last that was stored.
 */
export function doneTwice(events: readonly RunEvent[], kept: readonly Kept[]): string[] {
  const since = new Map(kept.map(({ stage, at: time }) => [stage, time]));
  const stored = new Map<string, { readonly step: number; readonly at: number }[]>();
  const found: string[] = [];
  for (const event of events) {
    if (event.type === 'checkpoint')
      stored.set(event.stage, [...(stored.get(event.stage) ?? []), { step: event.step, at: at(event) }]);
    if (event.type !== 'attempt') continue;
    if ((since.get(event.stage) ?? Infinity) < at(event)) found.push(`${event.stage}: its result was kept`);
    const safe = (stored.get(event.stage) ?? []).filter((checkpoint) => checkpoint.at < at(event));
    const last = Math.max(0, ...safe.map(({ step }) => step));
    if (event.resumedFromStep < last)
      found.push(`${event.stage}: went on from step ${event.resumedFromStep}, ${last} was stored`);
  }
  return found;
}

/**
 * Seconds of devices whose work is lost: of every attempt without a result, what it did after its last checkpoint; and of
 * every further attempt, the time until it could begin.
 * @param faults when they struck, in milliseconds since 1970
 */
export function lostSeconds(events: readonly RunEvent[], faults: readonly number[]): number {
  const byStage = new Map<string, RunEvent[]>();
  for (const event of events) byStage.set(event.stage, [...(byStage.get(event.stage) ?? []), event]);
  const lost = [...byStage.values()].map((own) =>
    lostOf(
      own.toSorted((a, b) => at(a) - at(b)),
      faults,
    ),
  );
  return lost.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
}

function lostOf(events: readonly RunEvent[], faults: readonly number[]): number {
  let lost = 0;
  let running: number | undefined;
  let safe: number | undefined;
  const end = (time: number): void => {
    if (safe !== undefined) lost += Math.max(0, time - safe);
    safe = undefined;
  };
  for (const event of events) {
    const time = at(event);
    if (event.type === 'stage' && event.state === 'running') running = time;
    else if (event.type === 'attempt') {
      // Whoever was killed said nothing: it worked until then.
      const since = safe ?? time;
      end(Math.min(time, faults.find((fault) => fault >= since) ?? time));
      if (event.epoch > 1 && running !== undefined) lost += time - running;
      safe = time;
    } else if (event.type === 'checkpoint') safe = time;
    else if (event.type === 'stage' && event.state === 'succeeded') safe = undefined;
    else if (event.type === 'stage') end(time);
  }
  return lost;
}
