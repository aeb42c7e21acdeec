import type { Point, SweepBudget, SweepEvent, SweepTally, TrialLeg, TrialNews } from '@vitrine/contracts';
import { SearchEngine, type SearchSpec } from './engine.js';
import type { Book } from './book.js';
import type { Sampler } from './samplers/sampler.js';

export interface Outcome {
  /** The metric at the end of the stretch; null when it is no number, undefined when the trial fails. */
  readonly value: number | null | undefined;
  readonly deviceSeconds: number;
}

export interface Simulation {
  readonly spec: SearchSpec;
  readonly budget: SweepBudget;
  readonly parallelism: number;
  /** What the last stretch of a trial comes to. */
  readonly run: (leg: TrialLeg, point: Point) => Outcome;
  readonly sampler?: Sampler;
}

interface Running {
  readonly leg: TrialLeg;
  readonly outcome: Outcome;
  readonly endsAt: number;
}

const START = Date.UTC(2026, 0, 1);

/** Runs a sweep on a clock of its own, without devices: the same decisions that a real one of these outcomes would take. */
export function simulate({ spec, budget, parallelism, run, sampler }: Simulation): {
  readonly book: Book;
  readonly tally: SweepTally;
  /** All that was decided and heard, in order. */
  readonly events: readonly SweepEvent[];
  /** From the start to the last end, in seconds. */
  readonly wallSeconds: number;
} {
  const engine = new SearchEngine(spec, sampler);
  let running: Running[] = [];
  let now = 0;
  let news: TrialNews[] = [];
  const log: SweepEvent[] = [];
  for (;;) {
    const at = new Date(START + now * 1000).toISOString();
    const free = parallelism - running.length;
    const { legs, tally, finished, events } = engine.steer({ news, free, budget, at });
    log.push(...events);
    for (const leg of legs) {
      const outcome = run(leg, leg.segments.at(-1)?.point ?? {});
      running.push({ leg, outcome, endsAt: now + outcome.deviceSeconds });
    }
    if (finished || running.length === 0) {
      return { book: engine.book, tally, events: log, wallSeconds: now };
    }
    now = running.reduce((earliest, { endsAt }) => Math.min(earliest, endsAt), Infinity);
    const ended = running.filter(({ endsAt }) => endsAt <= now);
    running = running.filter(({ endsAt }) => endsAt > now);
    news = ended.map(({ leg: { trial }, outcome: { value, deviceSeconds } }) => {
      const time = new Date(START + now * 1000).toISOString();
      return value === undefined
        ? { type: 'failed', trial, error: LOST, deviceSeconds, at: time }
        : { type: 'reported', trial, value, deviceSeconds, at: time };
    });
  }
}

const LOST = {
  code: 'StageFailed',
  message: 'The trial failed.',
  hint: 'Read the log of the stage.',
} as const;
