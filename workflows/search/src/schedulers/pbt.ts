import type { Constraint, Point, SweepEvent, SweepValue } from '@vitrine/contracts';
import { exists, sameValue, type Axis } from '../axes.js';
import { lossOf, type Book, type Trial } from '../book.js';
import { isAllowed } from '../points.js';
import { Random } from '../random.js';
import { onwards, steps, type Scheduler, type Step } from './scheduler.js';

interface PbtOptions {
  readonly book: Book;
  readonly direction: 'maximize' | 'minimize';
  readonly every: number;
  readonly max: number;
  readonly population: number;
  readonly quantile: number;
  readonly resample: number;
  readonly axes: readonly Axis[];
  readonly constraints: readonly Constraint[];
  readonly seed: number;
}

const PURPOSE = 3;
const FACTORS = [0.8, 1.25] as const;
const ATTEMPTS = 100;

/**
 * Jaderberg et al., Population based training of neural networks, 2017: a trial that is among the worst at its report goes on from the state of one
 * of the best at the same report, with its values changed a little or drawn anew.
 */
export class PopulationBased implements Scheduler {
  private readonly rungs: readonly number[];
  private readonly ready = new Set<Trial>();

  constructor(private readonly options: PbtOptions) {
    this.rungs = steps(options.every, options.max);
  }

  seen(event: SweepEvent, trial: Trial): void {
    if (event.type === 'reported') this.ready.add(trial);
    else this.ready.delete(trial);
  }

  verdict(trial: Trial): 'waiting' | 'completed' {
    return trial.reports.length >= this.rungs.length ? 'completed' : 'waiting';
  }

  next(mayStart: boolean): Step | undefined {
    const { book, population, max } = this.options;
    if (mayStart && book.trials.length < population)
      return { type: 'start', until: this.rungs[0] ?? max, bracket: 0 };
    const trial = this.leastAdvanced();
    if (!trial) return undefined;
    const until = this.rungs[trial.reports.length] ?? max;
    const donor = this.donorFor(trial);
    if (!donor) return onwards(trial, until);
    return { type: 'continue', trial, from: donor, segment: { point: this.explore(trial, donor), until } };
  }

  private leastAdvanced(): Trial | undefined {
    let found: Trial | undefined;
    for (const trial of this.ready) if (!found || trial.reports.length < found.reports.length) found = trial;
    return found;
  }

  /** One of the best at the report of a trial that is among the worst there; half of the population must have come as far. */
  private donorFor(trial: Trial): Trial | undefined {
    const { book, direction, population, quantile, seed } = this.options;
    const rung = trial.reports.length - 1;
    const peers = book.trials
      .filter(({ reports }) => reports.length > rung)
      .map((peer) => ({ peer, loss: lossOf(peer.reports[rung]?.value ?? null, direction) }))
      .sort((a, b) => (a.loss === b.loss ? a.peer.trial - b.peer.trial : a.loss < b.loss ? -1 : 1));
    if (peers.length < population / 2) return undefined;
    const count = Math.max(1, Math.floor(peers.length * quantile));
    const place = peers.findIndex(({ peer }) => peer === trial);
    if (place < peers.length - count) return undefined;
    // Who has taken another's state over since then has no longer the one that this report is of.
    const best = peers
      .slice(0, count)
      .filter(({ peer, loss }) => loss < Infinity && peer !== trial && peer.takenOverAt <= rung);
    return best[new Random(seed, PURPOSE, trial.trial, rung, 0).below(best.length)]?.peer;
  }

  private explore(trial: Trial, donor: Trial): Point {
    const { axes, constraints, resample, seed } = this.options;
    const rung = trial.reports.length - 1;
    const before = donor.segments[rung]?.point ?? donor.point;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const random = new Random(seed, PURPOSE, trial.trial, rung, attempt);
      const point: Record<string, SweepValue> = {};
      for (const axis of axes) {
        if (!exists(axis, point)) continue;
        const value = before[axis.name];
        const anew = value === undefined || random.uniform() < resample;
        point[axis.name] = anew ? axis.at(random.uniform()) : changed(axis, value, random);
      }
      if (isAllowed(constraints, point)) return point;
    }
    return before;
  }
}

/** Times 0.8 or 1.25; of choices, a neighbour. */
function changed(axis: Axis, value: SweepValue, random: Random): SweepValue {
  const { line, size } = axis;
  if (line && typeof value === 'number') {
    const times = FACTORS[random.below(2)] ?? 1;
    const place = value * times;
    // A logarithm of what is below the range may not exist.
    return line.fromLine(
      Math.min(line.high, Math.max(line.low, line.toLine(place > 0 || value <= 0 ? place : value))),
    );
  }
  for (let index = 0; index < size; index += 1)
    if (sameValue(axis.nth(index), value))
      return axis.nth(Math.min(size - 1, Math.max(0, index + (random.below(2) * 2 - 1))));
  return value;
}
