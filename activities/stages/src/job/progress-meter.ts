import type { Progress } from '@vitrine/contracts';

export type StageReport = Omit<Progress, 'stepsPerSecond' | 'etaSeconds'>;

export interface ProgressMeterOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly send: (progress: Progress) => void;
}

/** The rate is that of the last seconds: a mean over all steps would go on to tell of a slow start for hours. */
const WINDOW_MILLISECONDS = 10_000;
const SEND_MILLISECONDS = 200;

interface Sample {
  readonly at: number;
  readonly step: number;
}

/** Adds rate and remaining time to what a stage reports, and passes on a few reports a second: the last one always. */
export class ProgressMeter {
  private samples: Sample[] = [];
  private sentAt = -Infinity;
  private phase: string | undefined;
  private unsent: Progress | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: ProgressMeterOptions) {}

  update(report: StageReport): void {
    const at = this.options.now();
    this.addSample({ at, step: report.step });
    const stepsPerSecond = this.rate();
    const left = Math.max(0, report.total - report.step);
    const etaSeconds = stepsPerSecond > 0 ? left / stepsPerSecond : null;
    this.unsent = { ...report, stepsPerSecond, etaSeconds };
    if (report.phase !== this.phase || at - this.sentAt >= SEND_MILLISECONDS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), SEND_MILLISECONDS).unref();
    this.phase = report.phase;
  }

  /** Passes on what has been held back. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.unsent) return;
    this.options.send(this.unsent);
    this.unsent = undefined;
    this.sentAt = this.options.now();
  }

  private addSample(sample: Sample): void {
    if (sample.step < (this.samples.at(-1)?.step ?? 0)) this.samples = [];
    this.samples.push(sample);
    const oldest = sample.at - WINDOW_MILLISECONDS;
    // The last sample before the window stays, so that slow steps have a rate as well.
    while ((this.samples[1]?.at ?? Infinity) < oldest) this.samples.shift();
  }

  private rate(): number {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }
}
