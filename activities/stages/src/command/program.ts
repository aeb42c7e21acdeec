import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Environment } from '@vitrine/config';
import type { HostMessage } from '@vitrine/contracts';
import type { ProcessEnd } from '../job/apply-rules.js';

export interface ProgramStart {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  /** Told apart by this, in `MARK`: the processes it starts carry it along, wherever they go. */
  readonly mark: string;
  /** A command that ends what signals do not reach, such as a container. */
  readonly cleanup?: readonly string[] | undefined;
}

/** How a program ended. */
type ProgramEnd = Pick<ProcessEnd, 'code' | 'signal'>;

export const MARK = 'VITRINE_ATTEMPT';

/** From SIGTERM to SIGKILL. */
const LAST_MILLISECONDS = 3_000;
/** What it started may hold its pipes open; its end does not wait for that longer. */
const DRAIN_MILLISECONDS = 1_000;
/** As shells report a program that is not there, or may not be run. */
const NOT_FOUND = 127;

/**
 * Ends the program should this process be killed without a chance to do it: it reads the program's group and waits for its
 * pipe to close. A word on the pipe lets it go.
 */
const WATCHDOG = `
read -r group || exit 0
read -r word && exit 0
kill -KILL -- "-$group" 2>/dev/null
for environ in /proc/[0-9]*/environ; do
  if tr '\\0' '\\n' 2>/dev/null < "$environ" | grep -qx -- "$1"; then
    pid=\${environ#/proc/}
    pid=\${pid%/environ}
    [ "$pid" != "$$" ] && kill -KILL "$pid" 2>/dev/null
  fi
done
shift
[ $# -gt 0 ] && exec "$@"
exit 0
`;

/** A program in a group of processes of its own. */
export class Program {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly pid: number | undefined;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly watchdog: ChildProcess;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly end: Promise<ProgramEnd>;
  private readonly closed: Promise<unknown>;

  constructor(private readonly start: ProgramStart) {
    const { argv, cwd, environment, mark, cleanup = [] } = start;
    this.watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'vitrine-watchdog', `${MARK}=${mark}`, ...cleanup], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.watchdog.stdin?.on('error', () => undefined);
    this.watchdog.on('error', () => undefined);
    const [file = '', ...args] = argv;
    this.child = spawn(file, args, {
      cwd,
      env: { ...environment, [MARK]: mark },
      stdio: 'pipe',
      detached: true,
    });
    this.pid = this.child.pid;
    if (this.pid !== undefined) this.watchdog.stdin?.write(`${this.pid}\n`);
    // A program need not listen, and may be gone.
    this.child.stdin.on('error', () => undefined);
    this.stdout = this.child.stdout;
    this.stderr = this.child.stderr;
    this.closed = new Promise((resolve) => this.child.once('close', resolve));
    this.end = this.ended();
  }

  say(message: HostMessage): void {
    if (this.child.stdin.writable) this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Asks it to stop, and makes it. */
  stop(graceSeconds: number): void {
    this.say({ type: 'cancel', graceSeconds });
    this.timers.push(
      setTimeout(() => this.signal('SIGTERM'), graceSeconds * 1000),
      setTimeout(() => this.kill(), graceSeconds * 1000 + LAST_MILLISECONDS),
    );
  }

  kill(): void {
    this.signal('SIGKILL');
    this.cleanUp();
  }

  /** Resolves when the program has ended, with all that it started. */
  async outcome(): Promise<ProgramEnd> {
    try {
      return await this.end;
    } finally {
      this.timers.forEach(clearTimeout);
      this.kill();
      this.watchdog.stdin?.end('done\n');
      // Now nothing is left to hold its pipes open, but for what shook off group and mark.
      await this.drained();
      this.stdout.destroy();
      this.stderr.destroy();
    }
  }

  /** Resolves when what it wrote is read to the end, or nobody knows when that will be. */
  private async drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, DRAIN_MILLISECONDS)));
    await Promise.race([this.closed, late]);
    clearTimeout(timer);
  }

  private async ended(): Promise<ProgramEnd> {
    const exit = Promise.race([
      once(this.child, 'exit').then(([code, signal]): ProgramEnd => ({
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
      })),
      once(this.child, 'error').then((): ProgramEnd => ({ code: NOT_FOUND, signal: null })),
    ]);
    const end = await exit.catch((): ProgramEnd => ({ code: NOT_FOUND, signal: null }));
    await this.drained();
    return end;
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    trySignal(-this.pid, signal);
    // Whoever left the group, with a session of its own, still carries the mark.
    if (signal === 'SIGKILL') for (const pid of markedProcesses(this.start.mark)) trySignal(pid, signal);
  }

  private cleanUp(): void {
    const [file, ...args] = this.start.cleanup ?? [];
    if (file === undefined) return;
    const child = spawn(file, args, { stdio: 'ignore', env: { ...this.start.environment } });
    child.on('error', () => undefined);
  }
}

/** Processes with the mark in their environment, where the system shows it. */
export function markedProcesses(mark: string): number[] {
  const entry = `${MARK}=${mark}`;
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && readEnvironment(name).includes(entry))
      .map(Number);
  } catch {
    return [];
  }
}

function readEnvironment(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
