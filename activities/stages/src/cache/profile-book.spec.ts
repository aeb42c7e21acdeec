import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StageJob } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProfileBook, type ProfileBookOptions } from './profile-book.js';

const entry = fileURLToPath(new URL('../../testdata/children/tells-profile.mjs', import.meta.url));
const numerics = { threads: 3, precision: 'float32', execution: 'captured' } as const;
const library = { dir: '/lib', version: '2', sha256: 'abc', device: 'cpu' as const, source: 'test' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-book-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A worker's book; a new one stands for a worker that was started again. */
function book(change: Partial<ProfileBookOptions> = {}, behaviour = ''): ProfileBook {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    STARTS: join(folder, 'starts'),
    BEHAVIOUR: behaviour,
  };
  const file = join(folder, 'profiles/pool.json');
  return new ProfileBook({
    entry,
    numerics,
    gpus: [],
    environment,
    library,
    file,
    ...change,
  });
}

function starts(): number {
  const file = join(folder, 'starts');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

describe('the book of numerics', () => {
  it('asks a process with the threads and devices of the pool', async () => {
    expect(await book().profileOf('train')).toMatchObject({ build: 'gpus -1', threads: 3 });
    const other = book({ gpus: ['GPU-1'], file: join(folder, 'other.json') });
    expect(await other.profileOf('train')).toMatchObject({ build: 'gpus GPU-1' });
  });

  it('asks once, however many want to know, and not again after a restart', async () => {
    const first = book();
    await Promise.all([first.profileOf('train'), first.profileOf('evaluate'), first.profileOf('train')]);
    await book().profileOf('train');
    expect(starts()).toBe(1);
  });

  it('starts nothing for a program, whose profile is what it runs in with the threads and devices of the pool', async () => {
    const job = { kind: 'command', params: { argv: ['node'] }, resources: { devices: 1 } };
    const profile = await book().profileFor(job as unknown as StageJob);
    expect(profile).toMatchObject({ build: expect.stringMatching(/^system [0-9a-f]{64}$/), threads: 3 });
    expect(starts()).toBe(0);
  });

  it('starts nothing for kinds that compute nothing', async () => {
    expect(await book().profileOf('noop')).toMatchObject({ build: 'none' });
    expect(starts()).toBe(0);
  });

  it.each([
    ['library', { library: { ...library, sha256: 'other' } }],
    ['number of threads', { numerics: { ...numerics, threads: 4 } }],
    ['precision', { numerics: { ...numerics, precision: 'bfloat16' } }],
    ['device', { gpus: ['GPU-1'] }],
    ['place for its memory, damaged', {}],
  ] as const)('asks again for another %s', async (what, change) => {
    await book().profileOf('train');
    if (what.endsWith('damaged')) writeFileSync(join(folder, 'profiles/pool.json'), '{');
    await book(change).profileOf('train');
    expect(starts()).toBe(2);
  });

  it('tells results of several devices apart, of kinds that spread their batches', async () => {
    const one = await book().profileOf('train');
    expect(await book().profileOf('train', 2)).toEqual({ ...one, devices: 2 });
    expect(await book().profileOf('train', 1)).toEqual(one);
    expect(await book().profileOf('evaluate', 2)).toEqual(one);
    expect(await book().profileOf('noop', 2)).toMatchObject({ build: 'none' });
  });

  it('remembers nothing of a library that nobody recorded: its bytes may be any', async () => {
    await book({ library: undefined }).profileOf('train');
    await book({ library: undefined }).profileOf('train');
    expect(starts()).toBe(2);
  });

  it('says why there is no answer, and asks again when it is asked again', async () => {
    const failing = book({}, 'fails');
    await expect(failing.profileOf('train')).rejects.toMatchObject({
      code: 'Internal',
      message: 'There is no library.',
    });
    await expect(failing.profileOf('train')).rejects.toThrow('There is no library.');
    expect(starts()).toBe(2);
    await expect(book({}, 'dies').profileOf('train')).rejects.toMatchObject({
      details: { expected: 'an answer', actual: 'exit code 3' },
    });
  });
});
