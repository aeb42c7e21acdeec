import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Environment } from '@vitrine/config';
import {
  formatIssues,
  VitrineError,
  type ErrorView,
  type LogLevel,
  type Progress,
  type StageResult,
} from '@vitrine/contracts';
import { classifyExit, classifyUnknown, describeStep } from './classify-exit.js';
import type { MemoryGuard, MemoryWatch } from './memory-guard.js';
import {
  fromChildSchema,
  type ChildReport,
  type StartMessage,
  type StopReason,
  type ToChild,
} from './messages.js';
import { readLines } from './read-lines.js';
import { stderrLevel } from './stderr-level.js';

export interface StageProcessRun {
  /** Module that the process runs. */
  readonly entry: string;
  readonly start: StartMessage;
  readonly environment: Environment;
  /** Aborted when the stage is to stop; `stopReason` then says why. */
  readonly signal: AbortSignal;
  readonly stopReason: () => StopReason;
  /** How long a process that was asked to stop may take to store a checkpoint and end. */
  readonly graceMilliseconds: number;
  readonly memory: MemoryGuard;
  readonly onReport: (report: ChildReport) => void;
  readonly onLog: (level: LogLevel, message: string) => void;
}

/** From SIGTERM to SIGKILL, and from a result to the end of a process that does not end by itself. */
const LAST_MILLISECONDS = 2_000;
/** A process's pipes may be held open by what it started; its end does not wait for them longer. */
const DRAIN_MILLISECONDS = 1_000;
const SAMPLE_MILLISECONDS = 1_000;
const TAIL_LINES = 20;
/** Reports that show progress. Log lines do not: a hung process may go on to write them. */
const PROGRESS: ReadonlySet<ChildReport['type']> = new Set(['attempt', 'progress', 'waiting', 'checkpoint']);

/**
 * Runs a stage in a process of its own, and is done only when that process is gone.
 * @throws the signal's reason when the stage was stopped; else VitrineError: what the process reported, ChildStalled when
 * it reported no progress for `timeouts.stallSeconds`, or what its end means (see `classifyExit`)
 */
export async function runStageProcess(run: StageProcessRun): Promise<StageResult> {
  run.signal.throwIfAborted();
  if (!existsSync(run.entry))
    throw new VitrineError('Internal', 'The program of the stage process is missing.', {
      where: run.entry,
      hint: 'Build it with `npm run build`.',
    });
  return new StageProcess(run).outcome();
}

class StageProcess {
  private readonly child: ChildProcess;
  private readonly watch: MemoryWatch | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly stallTimer: NodeJS.Timeout;
  private readonly stderrTail: string[] = [];
  private result: StageResult | undefined;
  private failure: VitrineError | undefined;
  private isUnknown = false;
  private lastProgress: Progress | undefined;

  constructor(private readonly run: StageProcessRun) {
    const { memoryMegabytes } = run.start.job.resources;
    this.child = fork(run.entry, [], {
      env: { ...run.environment },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.stallTimer = setTimeout(() => this.stalled(), run.start.job.timeouts.stallSeconds * 1000);
    if (this.child.pid !== undefined)
      this.watch = run.memory.watch(this.child.pid, memoryMegabytes && memoryMegabytes * 2 ** 20);
    if (this.watch?.limited === false)
      run.onLog('warn', 'resources.memoryMegabytes is not held: this machine lets us make no memory group');
    this.listen();
    this.send(run.start);
  }

  async outcome(): Promise<StageResult> {
    const stop = (): void => this.stop();
    this.run.signal.addEventListener('abort', stop);
    const sampler = setInterval(() => this.watch?.sample(), SAMPLE_MILLISECONDS);
    try {
      const { code, signal } = await this.ended();
      if (this.result) return this.result;
      this.run.signal.throwIfAborted();
      throw this.failure ? this.meaningOfReport(this.failure) : this.meaningOf(code, signal);
    } finally {
      clearInterval(sampler);
      clearTimeout(this.stallTimer);
      this.timers.forEach(clearTimeout);
      this.run.signal.removeEventListener('abort', stop);
      this.watch?.release();
    }
  }

  private listen(): void {
    const { child, run } = this;
    if (child.stdout) readLines(child.stdout, (line) => run.onLog('info', line));
    if (child.stderr)
      readLines(child.stderr, (line) => {
        this.stderrTail.push(line);
        if (this.stderrTail.length > TAIL_LINES) this.stderrTail.shift();
        run.onLog(stderrLevel(line), line);
      });
    child.on('message', (message) => this.receive(message));
  }

  private receive(raw: unknown): void {
    const parsed = fromChildSchema.safeParse(raw);
    if (!parsed.success) {
      this.failure ??= new VitrineError('Internal', 'The stage process said something that is no message.', {
        where: this.where,
        actual: formatIssues(parsed.error.issues, raw),
      });
      this.child.kill('SIGKILL');
      return;
    }
    const message = parsed.data;
    if (message.type === 'result') {
      this.result = message.result;
      this.killAfter(LAST_MILLISECONDS, 'SIGKILL');
    } else if (message.type === 'error') {
      if (!this.failure) this.isUnknown = message.unknown === true;
      this.failure ??= errorOf(message.error);
      if (message.stack) this.run.onLog('error', message.stack);
      this.killAfter(LAST_MILLISECONDS, 'SIGKILL');
    } else {
      if (PROGRESS.has(message.type)) this.stallTimer.refresh();
      if (message.type === 'progress') this.lastProgress = message.progress;
      this.run.onReport(message);
    }
  }

  private stop(): void {
    this.send({ type: 'stop', because: this.run.stopReason() });
    this.killAfter(this.run.graceMilliseconds, 'SIGTERM');
    this.killAfter(this.run.graceMilliseconds + LAST_MILLISECONDS, 'SIGKILL');
  }

  private stalled(): void {
    const { stallSeconds } = this.run.start.job.timeouts;
    this.failure ??= new VitrineError('ChildStalled', `The stage made no progress for ${stallSeconds} s.`, {
      where: this.where,
      expected: `a report at least every ${stallSeconds} s (timeouts.stallSeconds)`,
      actual: this.lastProgress ? `none since ${describeStep(this.lastProgress)}` : 'none since its start',
      hint: 'It is tried again from its last checkpoint; if single steps take so long, raise timeouts.stallSeconds.',
    });
    this.child.kill('SIGKILL');
  }

  /** A message to a process that is just ending is lost, and need not arrive. */
  private send(message: ToChild): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private killAfter(milliseconds: number, signal: NodeJS.Signals): void {
    this.timers.push(setTimeout(() => this.child.kill(signal), milliseconds));
  }

  /** Resolves when the process is reaped and what it wrote is read. */
  private ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      child.once('error', (cause) => {
        if (child.pid !== undefined) return;
        reject(
          new VitrineError('ChildKilled', 'The stage process could not be started.', {
            where: this.where,
            cause,
          }),
        );
      });
      child.once('exit', (code, signal) => {
        const end = { code, signal };
        const drained = setTimeout(() => resolve(end), DRAIN_MILLISECONDS);
        child.once('close', () => {
          clearTimeout(drained);
          resolve(end);
        });
      });
    });
  }

  private meaningOfReport(failure: VitrineError): VitrineError {
    if (!this.isUnknown) return failure;
    return classifyUnknown(failure, { rules: this.run.start.failures, stderrTail: this.stderrTail });
  }

  private meaningOf(code: number | null, signal: NodeJS.Signals | null): VitrineError {
    const { memoryMegabytes } = this.run.start.job.resources;
    return classifyExit({
      code,
      signal,
      memory: this.watch?.verdict(),
      limitBytes: this.watch?.limited === true && memoryMegabytes ? memoryMegabytes * 2 ** 20 : undefined,
      lastProgress: this.lastProgress,
      stderrTail: this.stderrTail,
      rules: this.run.start.failures,
      where: this.where,
    });
  }

  private get where(): string {
    const { runId, stage } = this.run.start.job;
    return `run ${runId}, stage ${stage}`;
  }
}

function errorOf({ code, message, ...details }: ErrorView): VitrineError {
  return new VitrineError(code, message, details);
}
