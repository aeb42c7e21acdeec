import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity, type Environment, type ProcessIdentity } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { endProcess, killGroup } from './end-process.js';
import { logPath, logTail, openLog } from './log-file.js';
import { isPortFree } from './ports.js';
import { GRACE_SECONDS, type PartName, type ProcessList } from './process-list.js';

/** How to start one part of the stack, and how to tell that it works. */
export interface Launch {
  readonly name: PartName;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly startSeconds: number;
  /** Where it will listen, on the loopback interface. */
  readonly port: number;
  /** Asked until it is true; a rejection counts as not yet. */
  answers(): Promise<boolean>;
}

interface Surroundings {
  readonly list: ProcessList;
  readonly logsDir: string;
  /** A line for the supervisor's log. */
  readonly note: (line: string) => void;
  /** The part answers, for the first time or again. */
  readonly onUp: (name: PartName, identity: ProcessIdentity) => void;
}

const POLL_MILLISECONDS = 100;
const BACKOFF_SECONDS = { first: 1, longest: 30 } as const;
/** A process that ran for so long was well: the next restart is quick again. */
const WELL_SECONDS = 60;

/** One part of the stack: a process of its own group, started again whenever it dies. */
export class ManagedProcess {
  private child: ChildProcess | undefined;
  private identity: ProcessIdentity | undefined;
  private readonly stopping = new AbortController();
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly launch: Launch,
    private readonly around: Surroundings,
  ) {}

  /**
   * Starts it and waits until it answers; from then on it is kept running.
   * @throws VitrineError naming the log file when it ends or stays silent instead
   */
  async start(): Promise<void> {
    await this.bringUp();
    this.keeping = this.keep();
  }

  /** Asks it to end, kills it after its grace, and starts it no more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const { identity } = this;
    if (identity) {
      const killed = await endProcess(identity, { graceSeconds: GRACE_SECONDS[this.launch.name] });
      if (killed) this.around.note(`${this.launch.name} did not end by itself and was killed`);
      this.around.list.remove(identity.pid);
    }
    await this.keeping;
  }

  /** Kills it at once; for a second Ctrl-C. */
  kill(): void {
    this.stopping.abort();
    if (this.identity) killGroup(this.identity.pid);
  }

  private async bringUp(): Promise<void> {
    const { name, startSeconds, port, answers } = this.launch;
    // Otherwise what listens there would be taken for the process that is about to fail.
    if (!(await isPortFree(port))) throw this.failure(`something else listens on port ${port}`);
    // Whoever stopped it meanwhile found no process to end.
    if (this.stopping.signal.aborted) throw this.failure('stopped while it started');
    const child = this.spawn();
    const ended = endOf(child);
    const identity = child.pid === undefined ? undefined : processIdentity(child.pid);
    if (identity) {
      this.around.list.add(name, identity);
      this.identity = identity;
    }
    const deadline = Date.now() + startSeconds * 1000;
    while (!(await answers().catch(() => false))) {
      const end = await Promise.race([ended, sleep(POLL_MILLISECONDS, undefined)]);
      if (end !== undefined) throw this.failure(`ended: ${end}`);
      if (this.stopping.signal.aborted) throw this.failure('stopped while it started');
      if (Date.now() > deadline) {
        await this.end();
        throw this.failure(`no answer after ${startSeconds} s`);
      }
    }
    if (!identity) throw this.failure(`ended: ${await ended}`);
    this.around.note(`${name} answers, process ${identity.pid}`);
    this.around.onUp(name, identity);
  }

  private spawn(): ChildProcess {
    const { name, command, args, env } = this.launch;
    const log = openLog(this.around.logsDir, name);
    try {
      // Its own session: a Ctrl-C in the terminal must reach the supervisor alone, which stops the parts in order.
      const child = spawn(command, args, { env, detached: true, stdio: ['ignore', log.fd, log.fd] });
      this.child = child;
      return child;
    } finally {
      log.close();
    }
  }

  /** Runs until `stop`: waits for the process to die, then starts it again, each time a little later. */
  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    let backoff: number = BACKOFF_SECONDS.first;
    for (;;) {
      const upSince = Date.now();
      await this.death();
      if (signal.aborted) return;
      if (Date.now() - upSince > WELL_SECONDS * 1000) backoff = BACKOFF_SECONDS.first;
      for (let isUp = false; !isUp; backoff = Math.min(backoff * 2, BACKOFF_SECONDS.longest)) {
        this.around.note(`${this.launch.name} starts again in ${backoff} s`);
        await sleep(backoff * 1000, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        isUp = await this.tryAgain();
      }
    }
  }

  private async tryAgain(): Promise<boolean> {
    try {
      await this.bringUp();
      return true;
    } catch (error) {
      this.around.note(error instanceof Error ? error.message : String(error));
      await this.end();
      return false;
    }
  }

  private async death(): Promise<void> {
    const { child, identity } = this;
    if (!child || !identity) return;
    const end = await endOf(child);
    this.around.list.remove(identity.pid);
    if (this.stopping.signal.aborted) return;
    this.around.note(`${this.launch.name} died: ${end}`);
    killGroup(identity.pid);
  }

  private async end(): Promise<void> {
    if (!this.identity) return;
    await endProcess(this.identity, { graceSeconds: 1 });
    this.around.list.remove(this.identity.pid);
  }

  private failure(actual: string): VitrineError {
    const { name, command, startSeconds } = this.launch;
    const tail = logTail(this.around.logsDir, name);
    return new VitrineError('Internal', `The ${TITLES[name]} did not start.`, {
      where: logPath(this.around.logsDir, name),
      expected: `${command} answers within ${startSeconds} s`,
      actual: tail === '' ? actual : `${actual}; the log ends with\n${tail.replace(/^/gm, '            ')}`,
      hint: 'Read the log named above; `vitrine doctor` looks for common causes.',
    });
  }
}

const TITLES: Readonly<Record<PartName, string>> = {
  s3: 'S3 server',
  temporal: 'Temporal server',
  api: 'API',
  worker: 'worker',
  prometheus: 'Prometheus server',
  grafana: 'Grafana server',
};

/** Resolves when the process has ended, or could not be started at all, to how that came. */
async function endOf(child: ChildProcess): Promise<string> {
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    return `could not be started: ${error.message}`;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`;
}
