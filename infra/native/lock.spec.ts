import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isHeld, processStart, withLock } from './lock.mjs';

describe('the lock of a cache entry', () => {
  let folder: string;
  let file: string;
  const { signal } = new AbortController();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-lock-'));
    file = join(folder, 'entry.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const endedProcess = async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    return { pid: child.pid ?? 0, started: '1', host: hostname() };
  };

  it('lets one after the other in and is gone afterwards', async () => {
    const inside: number[] = [];
    let most = 0;
    const work = (id: number) => async () => {
      inside.push(id);
      most = Math.max(most, inside.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside.splice(inside.indexOf(id), 1);
      return id;
    };
    const results = await Promise.all(
      [1, 2, 3, 4].map((id) => withLock(file, { signal, pollMs: 1 }, work(id))),
    );
    expect(results).toEqual([1, 2, 3, 4]);
    expect(most).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(file, { signal }, () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(existsSync(file)).toBe(false);
  });

  it('of a process that died is taken over', async () => {
    await writeFile(file, JSON.stringify(await endedProcess()));
    expect(await withLock(file, { signal }, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('that is unreadable is taken over', async () => {
    await writeFile(file, '{"pid":');
    expect(await withLock(file, { signal }, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('is taken over by one alone when several find the owner dead', async () => {
    await writeFile(file, JSON.stringify(await endedProcess()));
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, { signal, pollMs: 1 }, work)));
    expect(most).toBe(1);
  });

  it('of a running process is waited for, told once, until the wait is stopped', async () => {
    const stop = new AbortController();
    const owner = { pid: process.pid, started: processStart(process.pid), host: hostname() };
    await writeFile(file, JSON.stringify(owner));
    const told: string[] = [];
    const waiting = withLock(
      file,
      {
        signal: stop.signal,
        pollMs: 1,
        onWait: (holder) => {
          told.push(holder);
          setTimeout(() => stop.abort(), 20);
        },
      },
      () => Promise.resolve('never'),
    );
    await expect(waiting).rejects.toThrow();
    expect(told).toEqual([`process ${process.pid} on ${hostname()}`]);
    expect(existsSync(file)).toBe(true);
  });

  it('is not held by a later process of the same id', () => {
    const owner = { pid: process.pid, started: processStart(process.pid), host: hostname() };
    expect(isHeld(owner, 0)).toBe(true);
    expect(isHeld({ ...owner, started: '1' }, 0)).toBe(false);
  });

  it('of another machine is held as long as it is refreshed', () => {
    const owner = { pid: 1, started: '1', host: 'another-machine' };
    expect(isHeld(owner, 10_000)).toBe(true);
    expect(isHeld(owner, 120_000)).toBe(false);
  });
});
