import type { SweepView, TrialView } from '@vitrine/contracts';
import { numberText, pointText } from './sweep-lines.js';

/** What a log should show of a sweep: its changes of state, each report of a trial, each trial that failed. */
export class PlainSweep {
  private status: string | undefined;
  private best: number | undefined;
  private readonly reports = new Map<number, number>();
  private readonly failed = new Set<number>();

  /** The lines that are new since the last call. */
  update(view: SweepView, trials: readonly TrialView[]): string[] {
    const lines: string[] = [];
    if (this.status !== view.status) lines.push(`${view.sweepId} ${view.status}`);
    this.status = view.status;
    for (const trial of trials) lines.push(...this.news(trial, view));
    const { best } = view.tally;
    if (best && best.trial !== this.best)
      lines.push(`  best so far: trial ${best.trial}, ${pointText(best)}`);
    this.best = best?.trial ?? this.best;
    return lines;
  }

  private news(trial: TrialView, { metric }: SweepView): string[] {
    const name = `  trial ${trial.trial}`;
    const told = this.reports.get(trial.trial) ?? 0;
    this.reports.set(trial.trial, trial.reports.length);
    const lines = trial.reports
      .slice(told)
      .map(
        ({ resource, value }) =>
          `${name}: ${metric} ${numberText(value)}${resource > 0 ? ` at ${resource}` : ''}  ${pointText(trial)}`,
      );
    if (!trial.error || this.failed.has(trial.trial)) return lines;
    this.failed.add(trial.trial);
    return [...lines, `${name} failed: ${trial.error.code}: ${trial.error.message}`];
  }
}
