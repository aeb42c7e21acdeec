import type {
  ErrorView,
  Point,
  Segment,
  SweepEvent,
  SweepSpec,
  SweepTally,
  TrialState,
  TrialView,
} from '@vitrine/contracts';

type Direction = SweepSpec['objective']['direction'];

export interface Report {
  readonly resource: number;
  readonly value: number | null;
}

/** One trial as its events tell of it. */
export interface Trial {
  readonly trial: number;
  readonly draw: number;
  readonly bracket: number;
  state: TrialState;
  /** Its values in the stretch that it is in. */
  point: Point;
  segments: readonly Segment[];
  readonly reports: Report[];
  /** Reports when it last took another's state over: its earlier ones are not of the stretches that it has now. */
  takenOverAt: number;
  deviceSeconds: number;
  readonly stages: { computed: number; found: number };
  error?: ErrorView;
}

/** What is minimized; what is no number is worse than all numbers. */
export function lossOf(value: number | null, direction: Direction): number {
  if (value === null || Number.isNaN(value)) return Infinity;
  return direction === 'minimize' ? value : -value;
}

/** All trials of a sweep, by the events that have been told. */
export class Book {
  readonly trials: Trial[] = [];
  private readonly counts: Record<TrialState, number> = {
    running: 0,
    waiting: 0,
    completed: 0,
    stopped: 0,
    failed: 0,
  };
  private notNumbers = 0;
  private seconds = 0;
  private readonly stages = { computed: 0, found: 0 };
  /** Where the sampler goes on. */
  nextDraw = 0;
  private bestTrial: { readonly trial: Trial; readonly report: Report } | undefined;

  constructor(private readonly direction: Direction) {}

  get running(): number {
    return this.counts.running;
  }

  get completed(): number {
    return this.counts.completed;
  }

  get deviceSeconds(): number {
    return this.seconds;
  }

  /** @throws RangeError when the event tells of a trial that has not started */
  apply(event: SweepEvent): Trial {
    if (event.type === 'started') return this.start(event);
    const trial = this.trials[event.trial];
    if (!trial) throw new RangeError(`trial ${event.trial}: an event before its start`);
    switch (event.type) {
      case 'reported':
        this.spend(trial, event.deviceSeconds);
        for (const counts of [trial.stages, this.stages]) {
          counts.computed += event.stages?.computed ?? 0;
          counts.found += event.stages?.found ?? 0;
        }
        this.report(trial, event.value);
        this.become(trial, 'waiting');
        break;
      case 'failed':
        this.spend(trial, event.deviceSeconds);
        trial.error = event.error;
        this.become(trial, 'failed');
        break;
      case 'interrupted':
        this.spend(trial, event.deviceSeconds);
        this.become(trial, 'stopped');
        break;
      case 'continued': {
        const from = event.from === undefined ? trial : (this.trials[event.from] ?? trial);
        trial.segments = [...from.segments.slice(0, trial.reports.length), event.segment];
        trial.point = event.segment.point;
        if (from !== trial) trial.takenOverAt = trial.reports.length;
        this.become(trial, 'running');
        break;
      }
      case 'ended':
        this.become(trial, event.reason);
        break;
    }
    return trial;
  }

  tally(): SweepTally {
    const best = this.bestTrial;
    return {
      started: this.trials.length,
      ...this.counts,
      notNumbers: this.notNumbers,
      deviceSeconds: this.seconds,
      stages: { ...this.stages },
      ...(best && { best: viewOf(best.trial) }),
    };
  }

  /** The metric of the best trial. */
  best(): number | undefined {
    return this.bestTrial?.report.value ?? undefined;
  }

  private start({ trial, draw, bracket, segment }: Extract<SweepEvent, { type: 'started' }>): Trial {
    if (trial !== this.trials.length) throw new RangeError(`trial ${trial}: expected ${this.trials.length}`);
    const started: Trial = {
      trial,
      draw,
      bracket,
      state: 'running',
      point: segment.point,
      segments: [segment],
      reports: [],
      takenOverAt: 0,
      deviceSeconds: 0,
      stages: { computed: 0, found: 0 },
    };
    this.trials.push(started);
    this.counts.running += 1;
    this.nextDraw = draw + 1;
    return started;
  }

  private report(trial: Trial, value: number | null): void {
    const report = { resource: trial.segments.at(-1)?.until ?? 0, value };
    trial.reports.push(report);
    const loss = lossOf(value, this.direction);
    if (loss === Infinity) this.notNumbers += 1;
    // Values of unequal resources are not compared: who has come further is asked first.
    const known = this.bestTrial;
    const better =
      known === undefined ||
      report.resource > known.report.resource ||
      (report.resource === known.report.resource && loss < lossOf(known.report.value, this.direction));
    if (loss !== Infinity && better) this.bestTrial = { trial, report };
  }

  private spend(trial: Trial, seconds: number): void {
    trial.deviceSeconds += seconds;
    this.seconds += seconds;
  }

  private become(trial: Trial, state: TrialState): void {
    this.counts[trial.state] -= 1;
    this.counts[state] += 1;
    trial.state = state;
  }
}

/** A trial as people see it. */
export function viewOf(trial: Trial): TrialView {
  const { draw: _draw, takenOverAt: _reports, ...view } = trial;
  return { ...view, segments: [...trial.segments], reports: [...trial.reports], stages: { ...trial.stages } };
}
