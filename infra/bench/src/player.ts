import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { processorSeconds } from './machine.js';
import type { Case, Check, Prepared, Request } from './protocol.js';

/** How a program that speaks the protocol is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file for what it writes on standard error; without one, the last lines are kept for messages. */
  readonly log?: string;
}

export interface Effort {
  /** On the driver's clock. */
  readonly seconds: number;
  /** Of all threads together: what others do on the machine hardly changes it. */
  readonly processorSeconds: number;
}

const LINES_KEPT = 30;

/** A program under measurement: a process of its own from its preparation to its end. */
export class Player {
  readonly #child: ChildProcess;
  readonly #replies: AsyncIterator<string>;
  readonly #said: string[] = [];
  /** Settles when the process and its pipes are closed, or it could not be started. */
  readonly #closed: Promise<void>;

  constructor(
    readonly name: string,
    program: Program,
  ) {
    const log = program.log === undefined ? undefined : openSync(program.log, 'w');
    this.#child = spawn(program.command, program.args, {
      env: program.env,
      stdio: ['pipe', 'pipe', log ?? 'pipe'],
    });
    if (log !== undefined) closeSync(log);
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#replies = lines[Symbol.asyncIterator]();
    if (this.#child.stderr)
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        this.#said.push(line);
        if (this.#said.length > LINES_KEPT) this.#said.shift();
      });
    // A program that died is noticed at its missing reply.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', (error) => this.#said.push(error.message));
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Loads everything; the results to be agreed on. */
  async prepare(preparedCase: Case): Promise<readonly Check[]> {
    const { checks } = (await this.#request({ do: 'prepare', case: preparedCase })) as Prepared;
    return checks.map(({ name, values }) => ({ name, values: values.map((value) => value ?? NaN) }));
  }

  /** What doing the task so often takes. */
  async round(times: number): Promise<Effort> {
    const worked = processorSeconds(this.pid);
    const started = performance.now();
    await this.#request({ do: 'round', times });
    const seconds = (performance.now() - started) / 1000;
    return { seconds, processorSeconds: processorSeconds(this.pid) - worked };
  }

  /** Asks it to leave and waits for that; kills it when it does not. Safe to call twice. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.stdin?.end(`${JSON.stringify({ do: 'end' } satisfies Request)}\n`);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await this.#closed;
    clearTimeout(timer);
  }

  async #request(request: Request): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#replies.next();
    if (done !== true) return JSON.parse(value);
    await this.#closed;
    const { exitCode, signalCode } = this.#child;
    throw new Error(
      `${this.name} ended while it was to ${request.do} (exit ${exitCode ?? '?'}, signal ${signalCode ?? 'none'}). ` +
        `It said last:\n${this.#said.join('\n')}`,
    );
  }
}
