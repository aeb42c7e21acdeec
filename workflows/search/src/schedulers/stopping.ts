import type { SweepEvent } from '@vitrine/contracts';
import { lossOf, type Trial } from '../book.js';
import { Ranking } from './ranking.js';
import { onwards, steps, type Scheduler, type Step } from './scheduler.js';

interface StoppingOptions {
  readonly direction: 'maximize' | 'minimize';
  readonly every: number;
  readonly max: number;
}

/** Trials go on from report to report until a rule stops them; those under way come before new ones. */
abstract class StoppingRule implements Scheduler {
  protected readonly rungs: readonly number[];
  private readonly ready = new Set<Trial>();

  constructor(protected readonly options: StoppingOptions) {
    this.rungs = steps(options.every, options.max);
  }

  seen(event: SweepEvent, trial: Trial): void {
    if (event.type === 'reported') this.ready.add(trial);
    else this.ready.delete(trial);
  }

  verdict(trial: Trial): 'waiting' | 'completed' | 'stopped' {
    if (trial.reports.length >= this.rungs.length) return 'completed';
    return this.isToStop(trial) ? 'stopped' : 'waiting';
  }

  next(mayStart: boolean): Step | undefined {
    const [first] = this.ready;
    if (first) return onwards(first, this.rungs[first.reports.length] ?? this.options.max);
    return mayStart ? { type: 'start', until: this.rungs[0] ?? this.options.max, bracket: 0 } : undefined;
  }

  protected losses(trial: Trial): number[] {
    return trial.reports.map(({ value }) => lossOf(value, this.options.direction));
  }

  protected abstract isToStop(trial: Trial): boolean;
}

interface MedianOptions extends StoppingOptions {
  readonly grace: number;
  readonly minTrials: number;
}

/**
 * Golovin et al., Google Vizier, 2017: a trial is stopped when its best value so far is worse than the median of the running means of the
 * others up to the same step. One whose metric is no number is stopped at once.
 */
export class MedianStopping extends StoppingRule {
  /** Running means of all trials, by report. */
  private readonly means: readonly Ranking[];

  constructor(private readonly own: MedianOptions) {
    super(own);
    this.means = this.rungs.map(() => new Ranking());
  }

  override seen(event: SweepEvent, trial: Trial): void {
    super.seen(event, trial);
    if (event.type !== 'reported') return;
    const losses = this.losses(trial);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    this.means[losses.length - 1]?.insert(mean, trial.trial);
  }

  protected isToStop(trial: Trial): boolean {
    const losses = this.losses(trial);
    if (losses.at(-1) === Infinity) return true;
    const means = this.means[losses.length - 1];
    // Its own mean is among them.
    if (!means || means.size - 1 < this.own.minTrials) return false;
    if ((trial.reports.at(-1)?.resource ?? 0) < this.own.grace) return false;
    return Math.min(...losses) > means.median();
  }
}

interface PatienceOptions extends StoppingOptions {
  readonly reports: number;
  readonly minDelta: number;
}

/** Stops a trial that has not become better by more than `minDelta` for so many reports; what is no number is no better. */
export class PatienceStopping extends StoppingRule {
  constructor(private readonly own: PatienceOptions) {
    super(own);
  }

  protected isToStop(trial: Trial): boolean {
    let best = Infinity;
    let since = 0;
    for (const loss of this.losses(trial)) {
      // The first number is an improvement, whatever it is.
      const better = loss < Infinity && (best === Infinity || loss < best - this.own.minDelta);
      if (better) best = loss;
      since = better ? 0 : since + 1;
    }
    return since >= this.own.reports;
  }
}
