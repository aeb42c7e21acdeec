import type {
  ArtifactRef,
  OpenLeg,
  SteerAnswer,
  SweepBudget,
  SweepEdit,
  SweepInput,
  SweepOpen,
  SweepSoFar,
  SweepStatus,
  SweepTally,
  SweepView,
  TrialNews,
} from '@vitrine/contracts';
import type { TrialRunner } from './trial-runner.js';

const NOTHING: SweepTally = {
  started: 0,
  running: 0,
  waiting: 0,
  completed: 0,
  stopped: 0,
  failed: 0,
  notNumbers: 0,
  deviceSeconds: 0,
  stages: { computed: 0, found: 0 },
};

/** What a sweep carries from history to history. Trials and their values are in its log, which is in the store. */
export class SweepState {
  readonly news: TrialNews[];
  /** Decided, and not begun; those that were interrupted come first. */
  readonly waiting: OpenLeg[];
  log: SweepSoFar['log'];
  tally: SweepTally;
  parallelism: number;
  budget: SweepBudget;
  paused: boolean;
  heard: boolean;

  constructor(private readonly input: SweepInput) {
    const { soFar, request } = input;
    this.news = [...(soFar?.news ?? [])];
    this.waiting = [...(soFar?.waiting ?? [])];
    this.log = soFar?.log;
    this.tally = soFar?.tally ?? NOTHING;
    this.parallelism = soFar?.parallelism ?? request.spec.parallelism;
    this.budget = soFar?.budget ?? request.spec.budget;
    this.paused = soFar?.paused ?? false;
    this.heard = soFar?.heard ?? false;
  }

  /** @param stored where what is open has been put, if it is too long to be carried */
  soFar(stored: readonly ArtifactRef[]): SweepSoFar {
    const { log, tally, parallelism, budget, paused, heard } = this;
    const open = stored.length > 0 ? { news: [], waiting: [], stored } : this.open();
    return { ...(log && { log }), tally, ...open, parallelism, budget, paused, heard };
  }

  open(): SweepOpen {
    return { news: [...this.news], waiting: [...this.waiting] };
  }

  /** Takes up what was put into the store for it. */
  reopen({ news, waiting }: SweepOpen): void {
    this.news.push(...news);
    this.waiting.push(...waiting);
  }

  edit({ parallelism, budget = {} }: SweepEdit): void {
    this.parallelism = parallelism ?? this.parallelism;
    const given = Object.entries(budget).filter(([, value]) => value !== undefined);
    this.budget = { ...this.budget, ...Object.fromEntries(given) };
  }

  takeNews(): TrialNews[] {
    return this.news.splice(0);
  }

  steered({ log, legs, tally }: SteerAnswer): void {
    this.log = log;
    this.tally = tally;
    this.waiting.push(...legs.map((leg) => ({ ...leg, attempt: 1, deviceSeconds: 0 })));
  }

  /** Which budget is used up, if one is. */
  spent(trials: TrialRunner, now: number): string | undefined {
    const { wallSeconds, deviceSeconds } = this.budget;
    if (wallSeconds !== undefined && now >= this.began() + wallSeconds * 1000)
      return `its ${wallSeconds} s are over`;
    if (deviceSeconds !== undefined && this.deviceSeconds(trials, now) >= deviceSeconds)
      return `its ${deviceSeconds} device-seconds are used up`;
    return undefined;
  }

  /** Of trials under way at most so many: they count from their start, waits for a device included. */
  deviceSeconds(trials: TrialRunner, now: number): number {
    const told = this.news.reduce((sum, { deviceSeconds }) => sum + deviceSeconds, 0);
    const stopped = this.waiting.reduce((sum, { deviceSeconds }) => sum + deviceSeconds, 0);
    return this.tally.deviceSeconds + told + stopped + trials.deviceSeconds(now);
  }

  began(): number {
    return Date.parse(this.input.request.submittedAt);
  }

  view(runs: SweepView['runs'], status: SweepStatus): SweepView {
    const { project, sweepId, spec, submittedAt } = this.input.request;
    const { metric, direction } = spec.objective;
    const { parallelism, budget, tally, log } = this;
    return {
      project,
      sweepId,
      name: spec.name,
      status,
      submittedAt,
      metric,
      direction,
      parallelism,
      budget,
      tally,
      runs,
      ...(log && { log }),
    };
  }
}
