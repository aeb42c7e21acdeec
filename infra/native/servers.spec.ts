import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEMPORAL } from './pins.mjs';
import { describeProblem } from './problem.mjs';
import { findServer, parseVersion, reaches } from './servers.mjs';

describe('a server', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-servers-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const program = async (text: string) => {
    const path = join(folder, 'temporal');
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const find = (env: Record<string, string>) =>
    findServer(TEMPORAL, { cache: join(folder, 'cache'), env: { PATH: '/bin', ...env } });

  it('that the environment names is taken before one on PATH', async () => {
    const path = await program('echo temporal version 9.8.7');
    expect(await find({ VITRINE_TEMPORAL_BIN: path, PATH: folder })).toEqual({
      path,
      version: '9.8.7',
      source: 'env',
    });
  });

  it('on PATH is taken when it is new enough', async () => {
    const path = await program('echo "temporal version 1.6.0 (Server 1.30.0, UI 2.0.0)"');
    expect(await find({ PATH: folder })).toEqual({ path, version: '1.6.0', source: 'path' });
  });

  it('on PATH that is too old, or does not say its version, is passed over', async () => {
    await program('echo temporal version 1.4.9');
    expect(await find({ PATH: folder })).toBeUndefined();
    await program('exit 1');
    expect(await find({ PATH: folder })).toBeUndefined();
  });

  it('that the environment names but that does not run is refused by name', async () => {
    const missing = await find({ VITRINE_TEMPORAL_BIN: join(folder, 'nothing') }).catch(describeProblem);
    expect(missing).toContain('VITRINE_TEMPORAL_BIN names a program that does not run');
    expect(missing).toContain(`where:    ${join(folder, 'nothing')}`);
    expect(missing).toContain('actual:   no such program');
    const failing = await find({ VITRINE_TEMPORAL_BIN: await program('exit 1') }).catch(describeProblem);
    expect(failing).toContain('actual:   it fails');
    expect(failing).toContain('unset it to have version 1.5.1 built');
  });

  it('compares versions by number', () => {
    expect(parseVersion('Version  : v1.10.0\nBuild: x')).toBe('1.10.0');
    expect(reaches('1.10.0', [1, 8])).toBe(true);
    expect(reaches('1.7.9', [1, 8])).toBe(false);
    expect(reaches('2.0.0', [1, 8])).toBe(true);
  });
});
