import type { Point, SchedulerSpec, SweepEvent, SweepReplay, TrialLeg } from '@vitrine/contracts';
import { Book, lossOf } from './book.js';
import type { SearchSpec } from './engine.js';
import type { Sampler } from './samplers/sampler.js';
import { simulate, type Outcome } from './simulate.js';

interface Mark {
  readonly resource: number;
  readonly value: number | null;
  /** Device-seconds of the trial up to here. */
  readonly seconds: number;
}

/** What a trial came to, as far as it was trained. */
interface Curve {
  readonly point: Point;
  readonly marks: readonly Mark[];
  /** Where it was going when it failed, and what it had cost by then. */
  readonly failed?: { readonly resource: number; readonly seconds: number };
}

export interface Replay extends Pick<
  SweepReplay,
  'trials' | 'recorded' | 'replayed' | 'savedDeviceSeconds' | 'lost' | 'estimated'
> {
  /** Resources at which the other scheduler wants reports and no trial ever gave one: nothing can be said. */
  readonly unknown: readonly number[];
}

interface ToReplay {
  readonly spec: SearchSpec;
  readonly events: readonly SweepEvent[];
  readonly scheduler: SchedulerSpec;
  readonly parallelism: number;
}

/**
 * The trials of a sweep in their order under another scheduler, from their recorded curves and without a device. A report that
 * was recorded is what it was; of a trial that was stopped before, the last value is carried on at the last rate of time, and counted.
 */
export function replay({ spec, events, scheduler, parallelism }: ToReplay): Replay {
  const { book, curves } = recordedCurves(spec, events);
  const asked = new Set<number>();
  let estimated = 0;
  const run = ({ trial, segments }: TrialLeg): Outcome => {
    const curve = curves[trial];
    const resource = segments.at(-1)?.until ?? 0;
    asked.add(resource);
    if (!curve) return { value: undefined, deviceSeconds: 0 };
    const before = secondsAt(curve, segments.at(-2)?.until ?? 0);
    if (curve.failed && resource >= curve.failed.resource)
      return { value: undefined, deviceSeconds: Math.max(0, curve.failed.seconds - before) };
    const mark = curve.marks.find((one) => one.resource === resource);
    if (!mark) estimated += 1;
    const value = mark ? mark.value : (curve.marks.findLast((one) => one.resource < resource)?.value ?? null);
    return { value, deviceSeconds: Math.max(0, secondsAt(curve, resource) - before) };
  };
  const budget = { trials: Math.max(1, curves.length) };
  const other = simulate({
    spec: { ...spec, scheduler },
    budget,
    parallelism,
    run,
    sampler: samplerOfCurves(curves),
  });
  const known = new Set(curves.flatMap(({ marks }) => marks.map(({ resource }) => resource)));
  const recorded = sideOf(spec.scheduler, book);
  const replayed = sideOf(scheduler, other.book);
  const { direction } = spec.objective;
  return {
    trials: curves.length,
    recorded,
    replayed,
    savedDeviceSeconds: recorded.deviceSeconds - replayed.deviceSeconds,
    ...(recorded.best &&
      replayed.best && {
        lost: lossOf(replayed.best.value, direction) - lossOf(recorded.best.value, direction),
      }),
    estimated,
    unknown: [...asked].filter((resource) => !known.has(resource)).sort((one, next) => one - next),
  };
}

function recordedCurves(
  { objective }: Pick<SearchSpec, 'objective'>,
  events: readonly SweepEvent[],
): { readonly book: Book; readonly curves: readonly Curve[] } {
  const book = new Book(objective.direction);
  const curves: { point: Point; marks: Mark[]; failed?: Curve['failed'] }[] = [];
  for (const event of events) {
    const trial = book.apply(event);
    const curve = (curves[trial.trial] ??= { point: trial.point, marks: [] });
    const resource = trial.segments.at(-1)?.until ?? 0;
    const seconds = trial.deviceSeconds;
    if (event.type === 'reported') curve.marks.push({ resource, value: event.value, seconds });
    if (event.type === 'failed') curve.failed = { resource, seconds };
  }
  return { book, curves };
}

/** What the trial had cost at a resource: even between two reports, and at the last rate behind them. */
function secondsAt({ marks }: Curve, resource: number): number {
  let from = { resource: 0, seconds: 0 };
  let rate = 0;
  for (const mark of marks) {
    const width = mark.resource - from.resource;
    // Without a resource there is one report, and all of it is spent there.
    rate = width > 0 ? (mark.seconds - from.seconds) / width : 0;
    if (resource < mark.resource) break;
    from = mark;
  }
  return from.seconds + rate * (resource - from.resource);
}

function samplerOfCurves(curves: readonly Curve[]): Sampler {
  return {
    suggest: (draw) => {
      const point = curves[draw]?.point;
      return point && { point, draw };
    },
  };
}

function sideOf({ kind }: SchedulerSpec, book: Book): SweepReplay['recorded'] {
  const { best, deviceSeconds } = book.tally();
  const last = best?.reports.at(-1);
  const value = book.best();
  return {
    scheduler: kind,
    deviceSeconds,
    ...(best &&
      last &&
      value !== undefined && {
        best: { trial: best.trial, resource: last.resource, value },
      }),
  };
}
