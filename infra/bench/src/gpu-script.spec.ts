import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../gpu/run.sh', import.meta.url));
const SHELL = '/bin/sh';

/** Programs that a machine without a driver has. */
const programs = mkdtempSync(join(tmpdir(), 'vitrine-no-gpu-'));
symlinkSync('/usr/bin/dirname', join(programs, 'dirname'));
afterAll(() => rmSync(programs, { recursive: true }));

describe('the script for a machine with a GPU', () => {
  it('is read to its end by a shell', () => {
    expect(spawnSync(SHELL, ['-n', SCRIPT], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('stops before it sets anything up where there is no GPU, and says what to install', () => {
    const { status, stderr } = spawnSync(SHELL, [SCRIPT], { encoding: 'utf8', env: { PATH: programs } });
    expect(status).toBe(1);
    expect(stderr).toContain('expected an NVIDIA GPU that nvidia-smi lists: install its driver');
  });
});
