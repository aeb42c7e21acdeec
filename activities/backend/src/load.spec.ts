import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendEnvironment } from './environment.js';
import type { RecordedLibrary } from './library-build.js';
import type { BackendProfile } from './load.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Printed {
  readonly profile?: BackendProfile;
  readonly nativeThreads?: number;
  /** Folder of libtensorflow. */
  readonly dir?: string;
  readonly error?: string;
}

describe('loading the backend in a process of its own', () => {
  let folder: string;

  beforeAll(async () => {
    // Inside node_modules, where the external packages resolve.
    folder = mkdtempSync(join(root, 'node_modules', '.backend-'));
    await build({
      entryPoints: [fileURLToPath(new URL('./testing/print-profile.ts', import.meta.url))],
      outfile: join(folder, 'print-profile.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@tensorflow/*'],
    });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (
    threads: number,
    environment: Record<string, string>,
    library?: RecordedLibrary,
  ): Promise<Printed> => {
    const program = join(folder, 'print-profile.mjs');
    const { TF_NUM_INTRAOP_THREADS: _, ...inherited } = process.env;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, String(threads), ...(library ? [JSON.stringify(library)] : [])],
      {
        env: { ...inherited, ...environment },
      },
    );
    return JSON.parse(stdout) as Printed;
  };

  it('says what its results depend on, and runs with the threads it says', async () => {
    const one = await run(1, backendEnvironment({ threads: 1, visibleDevices: [] }));
    const library = { dir: one.dir ?? '', sha256: one.profile?.build.split(':')[1] ?? '' };
    const four = await run(4, backendEnvironment({ threads: 4, visibleDevices: [] }), library);
    expect(one.profile).toEqual({
      build: expect.stringMatching(/^tensorflow \d+\.\d+\.\d+\S* sha256:[0-9a-f]{64}$/),
      device: expect.stringContaining(`${process.arch} `),
      threads: 1,
      precision: 'float32',
      execution: 'captured',
    });
    expect(one.profile?.device).toMatch(/ TF_ENABLE_ONEDNN_OPTS=1$/);
    expect(four.profile).toEqual({ ...one.profile, threads: 4 });
    // Linux shows the threads of a process; elsewhere both are absent.
    // Three more within an operation, and one more for a second operation beside it.
    expect((four.nativeThreads ?? 4) - (one.nativeThreads ?? 0)).toBe(4);
  });

  it('refuses another number of threads than its environment gives', async () => {
    const { error } = await run(2, backendEnvironment({ threads: 3 }));
    expect(error).toBe(
      'The numeric backend runs with another number of threads (TF_NUM_INTRAOP_THREADS): expected 2, got 3. ' +
        'Start the process with the variables of backendEnvironment().',
    );
    const unset = await run(63, {});
    expect(unset.error).toMatch(/expected 63, got unset, which means \d+\./);
  });

  it('says how to set up when the addon is missing', async () => {
    const place = join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
    const original = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
    mkdirSync(dirname(place), { recursive: true });
    for (const part of ['package.json', 'dist'])
      cpSync(join(original, part), join(place, part), { recursive: true });
    expect(existsSync(join(place, 'lib'))).toBe(false);
    const { error } = await run(1, backendEnvironment({ threads: 1 }));
    rmSync(place, { recursive: true });
    expect(error).toMatch(
      /^The numeric backend could not be loaded \(@tensorflow\/tfjs-node-gpu\): expected/,
    );
    expect(error).toContain('The Node.js native addon module (tfjs_binding.node) can not be found');
    expect(error).toContain('Run `npm start -- --setup-only`');
  });
});
