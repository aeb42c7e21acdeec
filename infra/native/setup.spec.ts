import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const setup = fileURLToPath(new URL('setup.mjs', import.meta.url));

describe('the native set-up', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-setup-'));
    // A machine with nothing but Node.
    await symlink(process.execPath, join(folder, 'node'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const call = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { PATH: folder, HOME: folder, VITRINE_STATE_DIR: join(folder, 'state') };
      const child = execFile(process.execPath, [setup, ...args], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });

  it('names everything that lacks at once, each with its fix, and fetches nothing', async () => {
    const { code, stderr } = await call();
    expect(code).toBe(1);
    expect(stderr).toContain('SetupFailed: Python 3 with pip, C++ compiler, Go: missing or too old');
    expect(stderr).toContain('Python 3 with pip: no python3');
    expect(stderr).toContain('C++ compiler: no c++');
    expect(stderr).toContain('Go: no go');
    expect(stderr).toContain('apt install python3 python3-pip');
    expect(stderr).toContain('apt install g++');
    expect(stderr).toContain('VITRINE_TEMPORAL_BIN');
  });

  it('checks without changing anything, for people and for programs', async () => {
    const { code, stdout } = await call('--check');
    expect(code).toBe(1);
    expect(stdout).toContain(`ok       Node.js: ${process.versions.node}`);
    expect(stdout).toContain('MISSING  Go: no go');
    expect(stdout).toContain('to do    temporal: not there yet');
    const { checks, parts } = JSON.parse((await call('--check', '--json')).stdout);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'C++ compiler', needed: true, ok: false }));
    expect(parts).toEqual({ temporal: null, s3: null, libtensorflow: null, prometheus: null });
  });

  it('refuses a device that there is not', async () => {
    const { code, stderr } = await call('--device', 'tpu');
    expect(code).toBe(1);
    expect(stderr).toContain('expected: cpu or cuda');
    expect(stderr).toContain('actual:   tpu');
  });
});
