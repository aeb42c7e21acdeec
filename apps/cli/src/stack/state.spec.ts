import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity, readCredentialsFile } from '@vitrine/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireCurrentCode } from './code-version.js';
import { ensureCredentials } from './credentials.js';
import { endProcess, groupExists } from './end-process.js';
import { lockHolder, lockPath, takeLock } from './lock.js';
import { openLog } from './log-file.js';
import { PortBook } from './port-book.js';
import { choosePort, isPortFree } from './ports.js';
import { ProcessList, endLeftovers } from './process-list.js';
import { writeStateFile } from './state-file.js';
import { stopStack } from './stop-stack.js';

let state: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'vitrine-state-'));
});

afterEach(() => {
  for (const child of children.splice(0))
    if (child.pid !== undefined && groupExists(child.pid)) process.kill(-child.pid, 'SIGKILL');
  rmSync(state, { recursive: true, force: true });
});

/** A process in a group of its own that has said that it is ready. */
async function started(script: string) {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write('ready')`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  const identity = processIdentity(child.pid ?? 0);
  if (!identity) throw new Error('the process has ended');
  return identity;
}

const WAITS = 'setInterval(() => {}, 1000)';
const IGNORES = `process.on('SIGTERM', () => {}); ${WAITS}`;

describe('a file of the state folder', () => {
  it('is written whole, for its owner only, with nothing left beside it', () => {
    const path = join(state, 'deep', 'file.json');
    writeStateFile(path, { a: 1 });
    writeStateFile(path, { a: 2 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: 2 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(state, 'deep'))).toEqual(['file.json']);
  });

  it('that cannot be written is named, with what to do', () => {
    writeFileSync(join(state, 'file'), '');
    expect(() => writeStateFile(join(state, 'file', 'x.json'), {})).toThrow(
      expect.objectContaining({
        code: 'InvalidConfig',
        details: expect.objectContaining({ where: join(state, 'file', 'x.json') }),
      }),
    );
  });

  it('of credentials is made once, and closed again if others could read it', () => {
    const made = ensureCredentials(state);
    const path = join(state, 'credentials.json');
    writeFileSync(path, readFileSync(path), { mode: 0o644 });
    expect(ensureCredentials(state)).toEqual(made);
    expect(readCredentialsFile(state)).toEqual(made);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(made.apiToken.length).toBeGreaterThanOrEqual(32);
  });
});

describe('a state folder that cannot be made', () => {
  it.each([
    ['the lock', (folder: string) => takeLock(folder)],
    ['a log', (folder: string) => openLog(join(folder, 'logs'), 'supervisor')],
  ])('is told by its path when %s is written', (_what, write) => {
    const file = join(state, 'a-file');
    writeFileSync(file, '');
    const details: unknown = expect.objectContaining({ actual: 'ENOTDIR' });
    expect(() => write(join(file, 'state'))).toThrow(
      expect.objectContaining({ code: 'InvalidConfig', details }),
    );
  });
});

describe('the ports of a state folder', () => {
  it('are the same at the next start, unless somebody listens there by then', async () => {
    const first = await new PortBook(state).choose({});
    expect(new Set(Object.values(first)).size).toBe(8);
    const server = createServer().listen(first.s3, '127.0.0.1');
    await once(server, 'listening');
    try {
      const second = await new PortBook(state).choose({});
      expect(second.s3).not.toBe(first.s3);
      expect(second).toEqual({ ...first, s3: second.s3 });
      expect(await isPortFree(first.s3)).toBe(false);
    } finally {
      server.close();
    }
  });

  it('are those that somebody names, whatever is remembered', async () => {
    const first = await new PortBook(state).choose({});
    const { s3: named } = await new PortBook(join(state, 'other')).choose({});
    expect((await new PortBook(state).choose({ api: named })).api).toBe(named);
    expect((await new PortBook(state).choose({}, { api: first.api })).api).toBe(named);
  });

  it('lie below those that the system gives to outgoing connections', async () => {
    const free = { isFree: () => Promise.resolve(true) };
    expect(await choosePort([], { ...free, random: () => 0 })).toBe(15_000);
    expect(await choosePort([undefined], { ...free, random: () => 0.999999 })).toBe(31_999);
    expect(await choosePort([4000], { ...free, random: () => 0 })).toBe(4000);
    expect(await choosePort([4000], { ...free, random: () => 0 }, new Set([4000]))).toBe(15_000);
  });

  it('are not searched for without end', async () => {
    const source = { isFree: () => Promise.resolve(false), random: () => 0.5 };
    await expect(choosePort([1], source)).rejects.toMatchObject({ code: 'InvalidConfig' });
  });

  it('may have been written by nobody or by something else', async () => {
    writeFileSync(join(state, 'ports.json'), '{"s3": "many"');
    expect((await new PortBook(state).choose({})).s3).toBeGreaterThan(0);
  });
});

describe('the lock of a state folder', () => {
  it('is had by one, and told to the other', () => {
    const lock = takeLock(state);
    expect(takeLock(state)).toEqual({ holder: processIdentity(process.pid) });
    expect(lockHolder(state)?.pid).toBe(process.pid);
    if ('release' in lock) lock.release();
    expect(existsSync(lockPath(state))).toBe(false);
    expect('release' in takeLock(state)).toBe(true);
  });

  it.each(['', '{"pid": 1}', JSON.stringify({ pid: process.pid, started: 'another boot:1' })])(
    'left by a process that is gone, as %j, is taken over',
    (text) => {
      writeFileSync(lockPath(state), text);
      expect(lockHolder(state)).toBeUndefined();
      expect('release' in takeLock(state)).toBe(true);
      expect(readdirSync(state)).toEqual(['supervisor.lock']);
    },
  );
});

describe('ending a process', () => {
  it('asks first: one that ends by itself is not killed', async () => {
    const identity = await started(`process.on('SIGTERM', () => process.exit(0)); ${WAITS}`);
    expect(await endProcess(identity, { graceSeconds: 10 })).toBe(false);
    expect(groupExists(identity.pid)).toBe(false);
  });

  it('kills one that does not listen, and its children with it', async () => {
    const child = `require('child_process').spawn(process.execPath, ['-e', "${IGNORES.replaceAll("'", '\\u0027')}"], {stdio: 'ignore'})`;
    const identity = await started(`${child}; ${IGNORES}`);
    expect(await endProcess(identity, { graceSeconds: 0.3 })).toBe(true);
    expect(groupExists(identity.pid)).toBe(false);
  });

  it('leaves a later process with the same number alone', async () => {
    const identity = await started(WAITS);
    await endProcess({ pid: process.pid, started: 'another boot:1' }, { graceSeconds: 0 });
    expect(groupExists(identity.pid)).toBe(true);
  });
});

describe('what a killed supervisor has left', () => {
  it('is found and ended, the worker first, and a number that was taken over is not', async () => {
    const [s3, worker] = [await started(WAITS), await started(WAITS)];
    const list = new ProcessList(state);
    list.add('s3', s3);
    list.add('api', { pid: process.pid, started: 'another boot:1' });
    list.add('worker', worker);
    const ended = await endLeftovers(new ProcessList(state));
    expect(ended.map(({ name }) => name)).toEqual(['worker', 's3']);
    expect(new ProcessList(state).alive()).toEqual([]);
  });

  it('is ended by stopping the stack, which says whether there was anything', async () => {
    mkdirSync(join(state, 'logs'));
    expect(await stopStack(state, () => undefined)).toBe(false);
    new ProcessList(state).add('temporal', await started(WAITS));
    writeFileSync(lockPath(state), JSON.stringify({ pid: 2 ** 22 + 1, started: 'never' }));
    const told: string[] = [];
    expect(await stopStack(state, (line) => told.push(line))).toBe(true);
    expect(told.join()).toContain('temporal');
    expect(existsSync(lockPath(state))).toBe(false);
  });
});

describe('a stack that runs other programs than are built', () => {
  const stack = (programs: string, worker: { pid: number; started: string }): void =>
    writeStateFile(join(state, 'stack.json'), {
      format: 1,
      supervisor: worker,
      programs,
      workers: [worker],
    });

  it('is refused for new runs, with what to do about it', () => {
    const self = processIdentity(process.pid);
    if (!self) throw new Error('this process has no identity');
    stack('a'.repeat(64), self);
    expect(() => requireCurrentCode(state, 'b'.repeat(64))).toThrow(
      expect.objectContaining({ code: 'CodeVersionMismatch' }),
    );
    expect(() => requireCurrentCode(state, 'a'.repeat(64))).not.toThrow();
  });

  it('does not matter once it has ended', () => {
    stack('a'.repeat(64), { pid: process.pid, started: 'another boot:1' });
    expect(() => requireCurrentCode(state, 'b'.repeat(64))).not.toThrow();
  });
});
