import type { SweepEvent } from '@vitrine/contracts';
import { lossOf, type Book, type Trial } from '../book.js';
import { onwards, type Scheduler, type Step } from './scheduler.js';

interface HyperbandOptions {
  readonly book: Book;
  readonly direction: 'maximize' | 'minimize';
  readonly eta: number;
  readonly minResource: number;
  readonly max: number;
}

interface Bracket {
  readonly size: number;
  readonly rungs: readonly number[];
  /** All that were started in it. */
  readonly members: Trial[];
  /** Those that are in its present rung, by rung. */
  readonly inRung: Trial[][];
}

/**
 * Li et al., Hyperband, 2018: brackets of successive halving, from many trials with little to few with all, again and again. A rung is
 * cut when all of it have reported; meanwhile free devices go on with the next bracket.
 */
export class Hyperband implements Scheduler {
  private readonly brackets: Bracket[] = [];
  private readonly deepest: number;

  constructor(private readonly options: HyperbandOptions) {
    const { max, minResource, eta } = options;
    this.deepest = Math.floor(Math.log(max / minResource) / Math.log(eta) + 1e-9);
  }

  seen(event: SweepEvent, trial: Trial): void {
    const bracket = this.bracket(trial.bracket);
    if (event.type === 'started') {
      bracket.members.push(trial);
      bracket.inRung[0] = bracket.members;
    }
    if (event.type === 'continued') (bracket.inRung[trial.reports.length] ??= []).push(trial);
  }

  verdict(trial: Trial): 'waiting' | 'completed' {
    return trial.reports.length >= this.bracket(trial.bracket).rungs.length ? 'completed' : 'waiting';
  }

  next(mayStart: boolean): Step | undefined {
    for (let number = 0; number < this.brackets.length || mayStart; number += 1) {
      const bracket = this.bracket(number);
      if (mayStart && bracket.members.length < bracket.size && bracket.inRung.length <= 1)
        return { type: 'start', until: bracket.rungs[0] ?? this.options.max, bracket: number };
      const found = this.promotable(bracket);
      if (found) return found;
      // A bracket that nobody is in yet is only opened by a start.
      if (bracket.members.length === 0) return undefined;
    }
    return undefined;
  }

  private promotable({ inRung, rungs }: Bracket): Step | undefined {
    for (let rung = 0; rung < rungs.length - 1; rung += 1) {
      const present = inRung[rung] ?? [];
      if (
        present.length === 0 ||
        present.some(({ state, reports }) => state === 'running' && reports.length <= rung)
      )
        return undefined;
      const ranked = present
        .map((trial) => ({
          trial,
          loss: lossOf(trial.reports[rung]?.value ?? null, this.options.direction),
        }))
        .filter(({ loss }) => loss < Infinity)
        .sort((a, b) => a.loss - b.loss || a.trial.trial - b.trial.trial);
      const keep = ranked.slice(0, Math.max(1, Math.floor(present.length / this.options.eta)));
      const found = keep.find(({ trial }) => trial.state === 'waiting' && trial.reports.length === rung + 1);
      if (found) return onwards(found.trial, rungs[rung + 1] ?? this.options.max);
    }
    return undefined;
  }

  private bracket(number: number): Bracket {
    const { eta, max } = this.options;
    for (let made = this.brackets.length; made <= number; made += 1) {
      const depth = this.deepest - (made % (this.deepest + 1));
      const size = Math.ceil(((this.deepest + 1) / (depth + 1)) * eta ** depth - 1e-9);
      const rungs = Array.from({ length: depth + 1 }, (_, rung) =>
        Math.max(1, Math.round(max * eta ** (rung - depth))),
      );
      this.brackets.push({ size, rungs, members: [], inRung: [] });
    }
    return this.brackets[number] as Bracket;
  }
}
