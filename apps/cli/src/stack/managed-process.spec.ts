import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { isRunning, type ProcessIdentity } from '@vitrine/config';
import { VitrineError, describeError } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManagedProcess, type Launch } from './managed-process.js';
import { choosePort, isPortFree } from './ports.js';
import { ProcessList } from './process-list.js';

let state: string;
let managed: ManagedProcess | undefined;
let notes: string[];
let ups: ProcessIdentity[];

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'vitrine-managed-'));
  notes = [];
  ups = [];
});

afterEach(async () => {
  await managed?.stop();
  rmSync(state, { recursive: true, force: true });
});

function manage(script: string, options: Partial<Launch> = {}): ManagedProcess {
  managed = new ManagedProcess(
    {
      name: 'api',
      command: process.execPath,
      args: ['-e', script],
      env: {},
      startSeconds: 20,
      port: 0,
      answers: () => Promise.resolve(false),
      ...options,
    },
    {
      list: new ProcessList(state),
      logsDir: join(state, 'logs'),
      note: (line) => notes.push(line),
      onUp: (_name, identity) => ups.push(identity),
    },
  );
  return managed;
}

async function serving(): Promise<ManagedProcess> {
  const port = await choosePort([], { isFree: isPortFree, random: () => randomInt(2 ** 32) / 2 ** 32 });
  return manage(`require('http').createServer((q, r) => r.end('ok')).listen(${port}, '127.0.0.1')`, {
    port,
    answers: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
  });
}

async function failureOf(part: ManagedProcess): Promise<string> {
  try {
    await part.start();
  } catch (error) {
    if (error instanceof VitrineError) return describeError(error.toView());
    throw error;
  }
  throw new Error('it started');
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a part of the stack', () => {
  it('is up once it answers, and is noted down for whoever has to clean up', async () => {
    const part = await serving();
    await part.start();
    expect(ups.length).toBe(1);
    expect(new ProcessList(state).alive()).toEqual([{ name: 'api', ...ups[0] }]);
    await part.stop();
    expect(ups.some(isRunning)).toBe(false);
    expect(new ProcessList(state).alive()).toEqual([]);
  });

  it('is started again when it dies, and told so with its new process', async () => {
    const part = await serving();
    await part.start();
    process.kill(ups[0]?.pid ?? 0, 'SIGKILL');
    await until(() => ups.length === 2);
    expect(ups[1]?.pid).not.toBe(ups[0]?.pid);
    expect(notes).toContain('api died: signal SIGKILL');
    await part.stop();
    expect(ups.some(isRunning)).toBe(false);
  });

  it('that ends instead of answering is told with its log and the end of it', async () => {
    const text = await failureOf(manage(`console.error('no such licence'); process.exit(7)`));
    expect(text).toMatch(/^Internal: The API did not start\./);
    expect(text).toContain(join(state, 'logs', 'api.log'));
    expect(text).toContain('exit code 7');
    expect(text).toContain('no such licence');
    expect(readFileSync(join(state, 'logs', 'api.log'), 'utf8')).toContain('no such licence');
  });

  it('that never answers is ended after its time', async () => {
    const text = await failureOf(manage('setInterval(() => {}, 1000)', { startSeconds: 0.5 }));
    expect(text).toContain('no answer after 0.5 s');
    expect(new ProcessList(state).alive()).toEqual([]);
  });

  it('that is stopped before it has a process gets none', async () => {
    const part = manage('setInterval(() => {}, 1000)');
    const failed = failureOf(part);
    await part.stop();
    expect(await failed).toContain('stopped while it started');
    expect(new ProcessList(state).alive()).toEqual([]);
  });

  it('that is not there is told by its name', async () => {
    const text = await failureOf(manage('', { command: '/nowhere/temporal' }));
    expect(text).toContain('/nowhere/temporal');
    expect(text).toContain('ENOENT');
  });

  it('is not taken for up when something else listens where it would', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const text = await failureOf(manage('process.exit(1)', { port, answers: () => Promise.resolve(true) }));
      expect(text).toContain(`something else listens on port ${port}`);
    } finally {
      server.close();
    }
  });
});
