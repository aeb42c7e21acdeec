import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

describe('training in processes of their own', () => {
  let folder: string;
  let program: string;

  beforeAll(async () => {
    // Inside node_modules, where the external packages resolve.
    folder = mkdtempSync(join(root, 'node_modules', '.training-'));
    program = join(folder, 'print-digest.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('./testing/print-digest.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@tensorflow/*', 'ml-matrix'],
    });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const digest = async (threads: string): Promise<string> => {
    const environment = { ...process.env, TF_NUM_INTRAOP_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '2' };
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env: environment });
    return stdout;
  };

  it('gives the same bytes after three steps, twice', async () => {
    const first = await digest('2');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest('2')).toBe(first);
  });
});
