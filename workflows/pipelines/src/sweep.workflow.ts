import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ArtifactRef,
  ErrorView,
  SteerAnswer,
  SweepActivities,
  SweepCommand,
  SweepEdit,
  SweepInput,
  SweepStatus,
  SweepTally,
  SweepView,
  SweepWorkflow,
  TrialNews,
} from '@vitrine/contracts';
import { QUERY, SIGNAL } from '@vitrine/contracts/names';
import { CONTROL } from './activity-options.js';
import { readFailure } from './fail.js';
import { spendingEnd } from './sweep-budget.js';
import { isTooLong, recall, store } from './sweep-open.js';
import { SweepState } from './sweep-state.js';
import { TrialRunner } from './trial-runner.js';

const { steerSweep, sealSweep } = proxyActivities<SweepActivities>(CONTROL);

interface End {
  readonly status: SweepStatus;
  readonly reason: string;
  readonly error?: ErrorView;
}

/**
 * Runs trials, so many at a time, each a pipeline of its own. Which, with what values and how far is asked of an activity, and its answers are
 * in the history: replay needs no sampler. When the history is long, no trial is begun until those under way have ended, and it
 * goes on in a new one.
 *
 * It completes normally whatever becomes of the trials. A request to cancel is one to stop.
 */
export async function sweepWorkflow(input: SweepInput): Promise<SweepView> {
  const sweep = new Sweep(input);
  CancellationScope.current().cancelRequested.catch(() => sweep.command('stop'));
  return CancellationScope.nonCancellable(() => sweep.run());
}

class Sweep {
  private readonly state: SweepState;
  private readonly trials: TrialRunner;
  /** Raised whenever something has happened that may change what is to be done. */
  private happened = 0;
  /** What `happened` was when there was last nothing to begin. */
  private idleAt = -1;
  private steering: Promise<void> | undefined;
  private finished = false;
  private stopRequested = false;
  private fatal: ErrorView | undefined;

  constructor(private readonly input: SweepInput) {
    const { request } = input;
    this.state = new SweepState(input);
    this.trials = new TrialRunner(request, {
      ended: (news) => this.heard(news),
      stopped: (leg) => {
        this.state.waiting.unshift(leg);
        this.happened += 1;
      },
    });
    setHandler(defineQuery<SweepView>(QUERY.sweepView), () =>
      this.state.view(this.trials.runs(), this.status()),
    );
    setHandler(defineSignal<[SweepCommand]>(SIGNAL.commandSweep), (command) => this.command(command));
    setHandler(defineSignal<[SweepEdit]>(SIGNAL.editSweep), (edit) => {
      this.state.edit(edit);
      this.finished = false;
      this.happened += 1;
    });
  }

  /** Pausing and stopping act at once: trials under way store a checkpoint and give their devices back. */
  command(command: SweepCommand): void {
    if (command === 'stop') this.stopRequested = true;
    else this.state.paused = command === 'pause';
    if (command !== 'resume') this.trials.interrupt();
    this.happened += 1;
  }

  async run(): Promise<SweepView> {
    const { request, soFar } = this.input;
    for await (const open of recall(request.project, soFar?.stored ?? [])) this.state.reopen(open);
    for (let stored: readonly ArtifactRef[] = []; ;) {
      const end = this.ending();
      if (end) return this.close(end);
      if (this.isLong() && this.trials.size === 0 && !this.steering) {
        const open = this.state.open();
        const carried = stored.length > 0 || !isTooLong(open);
        if (carried) return continueAsNew<SweepWorkflow>({ request, soFar: this.state.soFar(stored) });
        stored = await store(request.project, open);
        // Somebody may have asked for its end meanwhile.
        continue;
      }
      this.begin();
      const seen = this.happened;
      const wait = spendingEnd(this.state, this.trials, Date.now());
      const changed = (): boolean => this.happened > seen;
      if (wait === undefined) await condition(changed);
      else await condition(changed, wait);
    }
  }

  /** Starts what is decided, and asks for more while slots are free. */
  private begin(): void {
    const { state, trials } = this;
    if (state.paused || this.isLong()) return;
    while (state.waiting.length > 0 && trials.size < state.parallelism) {
      const leg = state.waiting.shift();
      if (leg) trials.begin(leg);
    }
    const free = state.parallelism - trials.size;
    const isNew = state.news.length > 0 || (free > 0 && this.idleAt !== this.happened);
    if (this.steering || !isNew || state.waiting.length > 0) return;
    this.steering = this.steer(Math.max(0, free)).finally(() => {
      this.steering = undefined;
      this.happened += 1;
    });
  }

  private async steer(free: number): Promise<void> {
    const { state } = this;
    const news = state.takeNews();
    const asked = this.happened;
    try {
      const answer = await this.ask(news, free);
      state.steered(answer);
      this.finished = answer.finished;
      // Nothing new is asked for until something happens; the end of this very call is no news.
      if (answer.legs.length < free && !answer.more) this.idleAt = asked + 1;
      if (this.happened !== asked) this.idleAt = -1;
    } catch (thrown) {
      state.news.unshift(...news);
      this.fatal = readFailure(thrown);
    }
  }

  private ask(news: readonly TrialNews[], free: number, close?: true): Promise<SteerAnswer> {
    const { project, sweepId } = this.input.request;
    const { log, budget } = this.state;
    const at = new Date().toISOString();
    return steerSweep({
      project,
      sweepId,
      ...(log && { log }),
      news,
      free,
      budget,
      at,
      ...(close && { close }),
    });
  }

  /** A metric that the first trials do not report, nobody will. */
  private heard(news: TrialNews): void {
    if (news.type === 'reported') this.state.heard = true;
    this.state.news.push(news);
    if (news.type === 'failed' && news.error.code === 'MetricMissing' && !this.state.heard)
      this.fatal = news.error;
    this.happened += 1;
  }

  private ending(): End | undefined {
    const { state } = this;
    if (this.fatal) return { status: 'failed', reason: this.fatal.message, error: this.fatal };
    if (this.stopRequested) return { status: 'stopped', reason: 'somebody stopped it' };
    const spent = state.spent(this.trials, Date.now());
    if (spent !== undefined) return { status: 'succeeded', reason: spent };
    const idle = this.trials.size === 0 && state.waiting.length === 0 && state.news.length === 0;
    if (!this.finished || !idle || this.steering) return undefined;
    return { status: 'succeeded', reason: 'every trial has come to its end' };
  }

  private async close(end: End): Promise<SweepView> {
    const { state, trials } = this;
    trials.interrupt();
    await condition(() => trials.size === 0 && this.steering === undefined);
    const at = new Date().toISOString();
    for (const { trial, deviceSeconds } of state.waiting.splice(0))
      state.news.push({ type: 'interrupted', trial, deviceSeconds, at });
    await this.tellLast();
    const { tally } = state;
    const last = end.status === 'succeeded' && tally.started > 0 && !tally.best ? nothing(tally, end) : end;
    const view: SweepView = {
      ...state.view([], last.status),
      endedAt: at,
      reason: last.reason,
      ...(last.error && { error: last.error }),
    };
    await sealSweep(view);
    return view;
  }

  /** The log gets its last page, unless that is what failed: then what is known so far is all. */
  private async tellLast(): Promise<void> {
    try {
      this.state.steered(await this.ask(this.state.takeNews(), 0, true));
    } catch (thrown) {
      this.fatal ??= readFailure(thrown);
    }
  }

  private status(): SweepStatus {
    return this.state.paused ? 'paused' : 'running';
  }

  private isLong(): boolean {
    return workflowInfo().continueAsNewSuggested;
  }
}

/** It ended well and has nothing to show: all metrics were no numbers, all trials failed, or a budget was smaller than one trial. */
function nothing({ started, failed, notNumbers }: SweepTally, { reason }: End): End {
  const error: ErrorView = {
    code: 'MetricMissing',
    message: 'No trial came to a value of the metric.',
    where: 'sweep',
    expected: 'a budget that one trial fits in, and a metric that is a number',
    actual: `${reason}; ${started} trials begun, ${failed} failed, ${notNumbers} reports were no numbers`,
    hint: 'Look at a trial with `vitrine show RUN`; if none came to its end, give more budget.',
  };
  return { status: 'failed', reason: error.message, error };
}
