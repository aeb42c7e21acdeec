import { Context } from '@temporalio/activity';
import { backendEnvironment } from '@vitrine/backend/environment';
import type { ArtifactStore } from '@vitrine/artifact-store';
import type { Environment } from '@vitrine/config';
import {
  describeError,
  ERRORS,
  failureRules,
  toVitrineError,
  VitrineError,
  type FailureRule,
  type LogLevel,
  type NumericsChoice,
  type RunEvent,
  type StageJob,
  type StageKind,
  type StageResult,
} from '@vitrine/contracts';
import type { DevicePool } from './device-pool.js';
import { toFailure } from './fail.js';
import type { HeldLease, HeldLeases } from './held-leases.js';
import { needsNoProcess, runInWorker } from './in-worker.js';
import { runStageProcess } from './job/host.js';
import { divideDevices } from './job/divide-devices.js';
import type { MemoryGuard } from './job/memory-guard.js';
import type { ChildReport, StopReason } from './job/messages.js';
import { StageLog, stageLogPath } from './job/stage-log.js';
import { parseJob } from './parse-job.js';
import { QUIET } from './quiet-environment.js';
import { smallEnough } from './result-size.js';
import { secondsBetween } from './seconds-between.js';
import type { StageMetrics } from './stage-metrics.js';

/** What the stages of one pool use of the worker they run in. */
export interface StageDeps {
  /** Bundle of the stage process. */
  readonly entry: string;
  /** Digest of a kind's code as it is now, undefined while there is none; a stage planned for another is refused. */
  readonly codeVersion: (kind: StageKind) => string | undefined;
  readonly numerics: NumericsChoice;
  /** Those of the configuration. */
  readonly failures: readonly FailureRule[];
  /** Names of the workers that serve a pool now, this one among them. */
  readonly workersOf: (pool: string) => Promise<readonly string[]>;
  readonly devices: DevicePool;
  readonly leases: HeldLeases;
  /** What CUDA calls the devices, in their order; none on a pool of processors. */
  readonly gpus: readonly string[];
  /** The worker's own environment: where the stage process finds its configuration. */
  readonly environment: Environment;
  /** Names this worker in events and leases. */
  readonly worker: string;
  readonly logsDir: string;
  readonly emit: (event: RunEvent) => void;
  readonly metrics: StageMetrics;
  readonly memory: MemoryGuard;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly clock: () => Date;
  /** How long a stage that is to stop may take for its last checkpoint. */
  readonly graceMilliseconds: number;
}

type Happening = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'project' | 'runId' | 'stage' | 'at'>
    : never
  : never;

/** One attempt of a stage on this worker. */
export async function runStage(deps: StageDeps, raw: unknown): Promise<StageResult> {
  let job: StageJob;
  try {
    job = parseJob(raw);
  } catch (error) {
    throw toFailure(toVitrineError(error));
  }
  return new StageAttempt(deps, job, Context.current()).run();
}

class StageAttempt {
  /** Undefined once it could not be written: the events hold the same lines. */
  private log: StageLog | undefined;
  /** When the stage last gave a sign of life, in milliseconds of the clock. */
  private lastSign: number;
  private readonly beganAt: number;
  private readonly lease: HeldLease;
  /** Aborted when the stage is to stop, for whatever reason. */
  private readonly stop: AbortSignal;

  constructor(
    private readonly deps: StageDeps,
    private readonly job: StageJob,
    private readonly context: Context,
  ) {
    this.log = new StageLog(stageLogPath(deps.logsDir, job));
    this.beganAt = deps.clock().getTime();
    this.lastSign = this.beganAt;
    this.lease = deps.leases.hold(job.lease, `run ${job.runId}, stage ${job.stage}`);
    this.stop = AbortSignal.any([context.cancellationSignal, this.lease.signal]);
  }

  async run(): Promise<StageResult> {
    const { deps, job, context } = this;
    const began = this.beganAt;
    deps.metrics.began(job, {
      queueSeconds: secondsBetween(context.info.currentAttemptScheduledTimestampMs, began),
    });
    const heartbeats = setInterval(() => {
      // Who takes over from this worker learns from it when it was last heard of.
      if (this.showsLife()) context.heartbeat({ at: deps.clock().toISOString() });
    }, this.heartbeatMilliseconds());
    let outcome = 'succeeded';
    try {
      this.refuseOtherCode();
      await this.handBack();
      const result = smallEnough(await this.runOnDevices(), job);
      this.emit({ type: 'stage', state: 'succeeded' });
      return result;
    } catch (thrown) {
      const failure = this.explain(thrown);
      outcome = failure.outcome;
      throw failure.error;
    } finally {
      clearInterval(heartbeats);
      this.lease.release();
      deps.metrics.ended(job, {
        outcome,
        seconds: secondsBetween(began, deps.clock().getTime()),
        devices: job.resources.devices,
      });
    }
  }

  private async runOnDevices(): Promise<StageResult> {
    const { deps, job } = this;
    const lease = await deps.devices.acquire(job.resources.devices, this.stop);
    const { own, others } = divideDevices(job.kind, lease.devices, deps.gpus);
    try {
      deps.metrics.busy(deps.devices.busy);
      this.emit({ type: 'stage', state: 'running' });
      if (needsNoProcess(job)) {
        this.emit({ type: 'attempt', epoch: 1, resumedFromStep: 0, worker: deps.worker });
        return await runInWorker(deps, job);
      }
      return await runStageProcess({
        entry: deps.entry,
        start: {
          type: 'start',
          job,
          numerics: deps.numerics,
          owner: deps.worker,
          ...(others.length > 0 && { otherDevices: others }),
          failures: [...failureRules(job.failures, deps.failures)],
        },
        environment: {
          ...deps.environment,
          ...QUIET,
          ...backendEnvironment({ threads: deps.numerics.threads, visibleDevices: own }),
        },
        signal: this.stop,
        stopReason: () => this.stopReason(),
        graceMilliseconds: deps.graceMilliseconds,
        memory: deps.memory,
        onReport: (report) => this.report(report),
        onLog: (level, message) => this.write(level, message),
      });
    } finally {
      lease.release();
      deps.metrics.busy(deps.devices.busy);
    }
  }

  private refuseOtherCode(): void {
    const { deps, job } = this;
    const version = deps.codeVersion(job.kind);
    if (job.codeVersion === version) return;
    throw new VitrineError(
      'CodeVersionMismatch',
      `The run was planned for other code of ${job.kind} stages than this worker has.`,
      {
        where: `run ${job.runId}, stage ${job.stage}, worker ${deps.worker}`,
        expected: `code version ${job.codeVersion}`,
        actual: version ?? 'no stage code, it is being built',
      },
    );
  }

  /** A stage that failed by this worker's fault is left to the others, as long as there are any. */
  private async handBack(): Promise<void> {
    const { deps, job } = this;
    const { avoid = [], pool } = job;
    if (!avoid.includes(deps.worker)) return;
    const others = (await deps.workersOf(pool)).filter((worker) => !avoid.includes(worker));
    if (others.length === 0) {
      this.write(
        'warn',
        `it failed on this worker before, and pool ${pool} has no other one: tried here again`,
      );
      return;
    }
    throw new VitrineError('HandedBack', 'The stage failed on this worker and is left to another one.', {
      where: `run ${job.runId}, stage ${job.stage}, worker ${deps.worker}`,
      expected: `one of ${others.join(', ')}`,
      actual: deps.worker,
    });
  }

  /**
   * Heartbeats stop with the stage's reports. Its process is ended for stalling first; should even that hang, the server
   * gives the stage to another worker.
   */
  private showsLife(): boolean {
    const { deps, job } = this;
    const patience = job.timeouts.stallSeconds * 1000 + deps.graceMilliseconds;
    return deps.clock().getTime() - this.lastSign <= patience;
  }

  private startTimes(): Parameters<StageMetrics['started']>[1] {
    const { interruptedAt } = this.job;
    const recovery = interruptedAt !== undefined && {
      recoverySeconds: secondsBetween(Date.parse(interruptedAt), this.lastSign),
    };
    return { dispatchSeconds: secondsBetween(this.beganAt, this.lastSign), ...recovery };
  }

  private report(report: ChildReport): void {
    const { metrics, worker } = this.deps;
    this.lastSign = this.deps.clock().getTime();
    metrics.lives(this.job);
    switch (report.type) {
      case 'attempt':
        metrics.started(this.job, this.startTimes());
        return this.emit({ ...report, worker });
      case 'measured':
        return metrics.measured(report.samples);
      case 'progress':
        metrics.progressed(this.job, report.progress);
        return this.emit(report);
      case 'checkpoint':
        this.lease.safe(this.deps.clock());
        metrics.stored(this.job, report);
        return this.emit(report);
      case 'waiting':
        return this.write('warn', report.message);
      case 'log':
        return this.write(report.level, report.message);
    }
  }

  /** What the activity fails with, and what people read of it. A stage that was stopped fails with the reason it was given. */
  private explain(thrown: unknown): { error: unknown; outcome: string } {
    const { cancellationSignal } = this.context;
    if (cancellationSignal.aborted && thrown === cancellationSignal.reason) {
      const reason = this.stopReason();
      this.write('warn', reason === 'Cancelled' ? 'cancelled' : 'stopped; it goes on from its checkpoint');
      this.emit({ type: 'stage', state: reason === 'Cancelled' ? 'cancelled' : 'queued' });
      return { error: thrown, outcome: reason };
    }
    const error = toVitrineError(thrown);
    const view = error.toView();
    this.write(view.code === 'Preempted' ? 'warn' : 'error', describeError(view));
    // Whether another attempt follows is the workflow's to say, except when none ever does.
    this.emit({
      type: 'stage',
      state: ERRORS[error.code].retry === 'never' ? 'failed' : 'queued',
      error: view,
    });
    return { error: toFailure(error), outcome: error.code };
  }

  /** Only a request is a cancellation. Everything else means that the stage goes on elsewhere or has been given up here. */
  private stopReason(): StopReason {
    return this.context.cancellationDetails?.cancelRequested ? 'Cancelled' : 'WorkerShutdown';
  }

  private write(level: LogLevel, message: string): void {
    this.emit({ type: 'log', level, message });
    try {
      this.log?.write(this.deps.clock().toISOString(), level, message);
    } catch (error) {
      // A full disk must not take the worker down with all its stages.
      this.log = undefined;
      this.emit({
        type: 'log',
        level: 'warn',
        message: `the log on this machine ends here: ${String(error)}`,
      });
    }
  }

  private emit(happening: Happening): void {
    const { project, runId, stage } = this.job;
    this.deps.emit({ ...happening, project, runId, stage, at: this.deps.clock().toISOString() });
  }

  /** Often, because requests to cancel come in by the answers; the SDK sends no more of them than it was told to. */
  private heartbeatMilliseconds(): number {
    return Math.min(1000, (this.context.info.heartbeatTimeoutMs ?? Infinity) / 3);
  }
}
