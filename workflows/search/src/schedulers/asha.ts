import type { SweepEvent } from '@vitrine/contracts';
import { lossOf, type Book, type Trial } from '../book.js';
import { Ranking } from './ranking.js';
import { ladder, onwards, type Scheduler, type Step } from './scheduler.js';

interface AshaOptions {
  readonly book: Book;
  readonly direction: 'maximize' | 'minimize';
  readonly eta: number;
  readonly minResource: number;
  readonly max: number;
}

/**
 * Li et al., A system for massively parallel hyperparameter tuning, 2020, algorithm 2: a free device takes the best trial that
 * is among the best `1/eta` of its rung, highest rung first, or else a new one. When there are none any more and no trial has
 * come to its end, the best that waits goes on: a sweep of few trials ends with a trained model too.
 */
export class Asha implements Scheduler {
  private readonly rungs: readonly number[];
  private readonly rankings: readonly Ranking[];
  /** Trials that have gone on, by rung. */
  private readonly promoted: readonly Set<number>[];

  constructor(private readonly options: AshaOptions) {
    this.rungs = ladder(options.minResource, options.eta, options.max);
    this.rankings = this.rungs.map(() => new Ranking());
    this.promoted = this.rungs.map(() => new Set());
  }

  seen(event: SweepEvent, trial: Trial): void {
    const rung = trial.reports.length - 1;
    if (event.type === 'reported')
      this.rankings[rung]?.insert(lossOf(event.value, this.options.direction), trial.trial);
    if (event.type === 'continued') this.promoted[rung]?.add(trial.trial);
  }

  verdict(trial: Trial): 'waiting' | 'completed' {
    return trial.reports.length >= this.rungs.length ? 'completed' : 'waiting';
  }

  next(mayStart: boolean): Step | undefined {
    for (let rung = this.rungs.length - 2; rung >= 0; rung -= 1) {
      const ranking = this.rankings[rung];
      const found = this.firstWaiting(rung, Math.floor((ranking?.size ?? 0) / this.options.eta));
      if (found) return onwards(found, this.rungs[rung + 1] ?? this.options.max);
    }
    if (mayStart) return { type: 'start', until: this.rungs[0] ?? this.options.max, bracket: 0 };
    const { running, completed } = this.options.book;
    return running === 0 && completed === 0 ? this.last() : undefined;
  }

  private last(): Step | undefined {
    for (let rung = this.rungs.length - 2; rung >= 0; rung -= 1) {
      const found = this.firstWaiting(rung, this.rankings[rung]?.size ?? 0);
      if (found) return onwards(found, this.rungs[rung + 1] ?? this.options.max);
    }
    return undefined;
  }

  /** The best of a rung that has not gone on, among its first so many. What is no number never goes on. */
  private firstWaiting(rung: number, among: number): Trial | undefined {
    const ranking = this.rankings[rung];
    for (let place = 0; ranking && place < among; place += 1) {
      const number = ranking.trials[place] ?? -1;
      if (ranking.losses[place] === Infinity) return undefined;
      if (!this.promoted[rung]?.has(number)) return this.options.book.trials[number];
    }
    return undefined;
  }
}
