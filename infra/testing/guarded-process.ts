import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface GuardedProcess {
  /** Ends it at once and waits until it is gone. */
  stop(): Promise<void>;
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Resolves to true once the process answers. */
  readonly answers: () => Promise<boolean>;
}

/** The server ends with the test run however that ends: the shell kills it when its standard input is closed. */
const GUARD = `exec 3<&0
"$@" </dev/null & server=$!
{ cat <&3 >/dev/null; kill -KILL $server; } 2>/dev/null & guard=$!
wait $server; code=$?
kill $guard 2>/dev/null
exit $code`;

/** Of a server whose program is still to be read from a slow disk, on a machine that has other things to do. */
const START_MILLISECONDS = 120_000;
const TAIL_CHARACTERS = 2_000;

/** Starts a server and waits until it answers; throws with the end of its output when it does not. */
export async function startGuarded({ command, args, env, answers }: Launch): Promise<GuardedProcess> {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', command, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-TAIL_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // Writing to a guard that is gone is no error: its server is gone as well.
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await closed;
  };
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await answers().catch(() => false))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      await stop();
      const what = ended
        ? `ended with code ${child.exitCode ?? child.signalCode}`
        : `does not answer after ${START_MILLISECONDS} ms`;
      throw new Error(`${command} ${args.join(' ')} ${what}:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stop };
}

/** Below the range that Linux gives to outgoing connections and to whoever asks for any port: nobody is given these. */
const PORTS = { first: 15_000, last: 31_999 } as const;

/** Ports of the loopback interface that nobody listens on right now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(PORTS.first, PORTS.last + 1);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
