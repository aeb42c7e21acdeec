import type { Segment, SweepEvent } from '@vitrine/contracts';
import type { Trial } from '../book.js';

/** What a free slot is for. */
export type Step =
  | { readonly type: 'start'; readonly until: number; readonly bracket: number }
  | {
      readonly type: 'continue';
      readonly trial: Trial;
      /** Whose state it goes on from, if not its own. */
      readonly from?: Trial;
      readonly segment: Segment;
    };

/** Says how far each trial is trained. All that it knows it has from events, so it can be made again from a log. */
export interface Scheduler {
  /** Told of every event in order, after the book. */
  seen(event: SweepEvent, trial: Trial): void;
  /** Of a trial that has just reported. */
  verdict(trial: Trial): 'waiting' | 'completed' | 'stopped';
  /**
   * What to do with a free slot; undefined: nothing before more is heard, or at all.
   * @param mayStart whether there are points, and budget, for another trial
   */
  next(mayStart: boolean): Step | undefined;
}

/** The resources at which trials report: `first`, times `eta` each, and all of it. */
export function ladder(first: number, eta: number, max: number): number[] {
  const rungs: number[] = [];
  for (let resource = first; resource < max; resource *= eta) rungs.push(resource);
  return [...rungs, max];
}

/** The same in equal steps. */
export function steps(every: number, max: number): number[] {
  const rungs: number[] = [];
  for (let resource = every; resource < max; resource += every) rungs.push(resource);
  return [...rungs, max];
}

/** The next stretch of a trial with the values that it has. */
export function onwards(trial: Trial, until: number): Step {
  return { type: 'continue', trial, segment: { point: trial.point, until } };
}
