import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendEnvironment } from '../environment.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

describe('training in processes of their own', () => {
  let folder: string;
  let program: string;

  beforeAll(async () => {
    // Inside node_modules, where the external packages resolve.
    folder = mkdtempSync(join(root, 'node_modules', '.captured-'));
    program = join(folder, 'print-digest.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('./testing/print-digest.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@tensorflow/*', 'ml-matrix', 'protobufjs'],
    });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const digest = async (execution: string, threads: number): Promise<string> => {
    const environment = { ...process.env, ...backendEnvironment({ threads, visibleDevices: [] }) };
    const { stdout } = await promisify(execFile)(process.execPath, [program, execution], {
      env: environment,
    });
    return stdout;
  };

  it.each([
    ['captured', 1],
    ['captured', 2],
    ['eager', 2],
  ])('%s with %i threads gives the same bytes after three steps, twice', async (execution, threads) => {
    const first = await digest(execution, threads);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest(execution, threads)).toBe(first);
  });
});
