import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureEntry, findEntry, nativeCacheDir } from './cache.mjs';

describe('the cache of native parts', () => {
  let cache: string;
  const { signal } = new AbortController();
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'vitrine-cache-'));
  });
  afterEach(() => rm(cache, { recursive: true }));

  const make = (text: string) => async (staging: string) => {
    await mkdir(join(staging, 'lib'));
    await writeFile(join(staging, 'lib', 'part.so'), text);
    return { version: text };
  };

  it('lies in the folder of the user, unless another is named', () => {
    expect(nativeCacheDir({ XDG_CACHE_HOME: '/x' })).toBe('/x/vitrine/native');
    expect(nativeCacheDir({ XDG_CACHE_HOME: '/x', VITRINE_CACHE_DIR: '/y' })).toBe('/y/native');
  });

  it('makes an entry once', async () => {
    const entry = await ensureEntry(cache, { name: 'part-1', make: make('one'), signal });
    expect(entry.manifest).toEqual({ format: 1, files: { 'lib/part.so': 3 }, facts: { version: 'one' } });
    const again = await ensureEntry(cache, { name: 'part-1', make: make('two'), signal });
    expect(await readFile(join(again.dir, 'lib', 'part.so'), 'utf8')).toBe('one');
  });

  it('makes it once for several that ask at the same time', async () => {
    let made = 0;
    const ask = () =>
      ensureEntry(cache, {
        name: 'part-1',
        signal,
        make: (staging) => {
          made += 1;
          return make('one')(staging);
        },
      });
    await Promise.all([ask(), ask(), ask()]);
    expect(made).toBe(1);
  });

  it('shows nothing of an entry whose making failed, and makes it the next time', async () => {
    const broken = async (staging: string) => {
      await make('half')(staging);
      throw new Error('the network is gone');
    };
    await expect(ensureEntry(cache, { name: 'part-1', make: broken, signal })).rejects.toThrow(
      'the network is gone',
    );
    expect(await readdir(cache)).toEqual([]);
    expect(
      (await ensureEntry(cache, { name: 'part-1', make: make('one'), signal })).manifest.facts.version,
    ).toBe('one');
  });

  it('clears what a killed process left half made', async () => {
    await mkdir(join(cache, '.part-1.staging-999999'));
    await ensureEntry(cache, { name: 'part-1', make: make('one'), signal });
    expect(await readdir(cache)).toEqual(['part-1']);
  });

  it('makes an entry anew when a file of it is gone or cut short', async () => {
    const { dir } = await ensureEntry(cache, { name: 'part-1', make: make('one'), signal });
    await writeFile(join(dir, 'lib', 'part.so'), '');
    expect(await findEntry(cache, 'part-1')).toBeUndefined();
    await ensureEntry(cache, { name: 'part-1', make: make('one'), signal });
    expect(await readFile(join(dir, 'lib', 'part.so'), 'utf8')).toBe('one');
  });
});
