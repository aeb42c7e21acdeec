/** How the two sides of a comparison are started: our subject, bundled, and PyTorch's peer of the same name. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { backendEnvironment } from '@vitrine/backend/environment';
import type { Program } from './player.js';
import type { Device, Execution } from './protocol.js';
import { pythonInterpreter } from './python.js';

const run = promisify(execFile);
// `npm run bench` runs in the workspace's root.
const workspace = process.cwd();
const bench = join(workspace, 'infra/bench');

export interface Place {
  readonly device: Device;
  readonly threads: number;
  readonly execution: Execution;
}

/** Programs of one family for any place. */
export interface Sides {
  ours(place: Place): Program;
  torch(place: Place): Program;
}

/** Bundles our subject alone. */
export async function ourSide(family: string): Promise<Sides['ours']> {
  const subject = join(bench, `dist/${family}.mjs`);
  const entry = join(bench, `src/subjects/${family}.ts`);
  await run(process.execPath, [join(workspace, 'infra/build/bundle.mjs'), entry, subject], { cwd: bench });
  return ({ device, threads }) => ({
    command: process.execPath,
    args: [subject],
    env: {
      ...process.env,
      ...backendEnvironment({ threads, ...(device === 'cpu' && { visibleDevices: [] }) }),
    },
  });
}

/** Both sides; obtains PyTorch, which takes minutes when this is its first use on the machine. */
export async function sidesOf(family: string): Promise<Sides> {
  const ours = await ourSide(family);
  const python = await pythonInterpreter('torch');
  return {
    ours,
    torch: ({ device, threads }) => ({
      command: python,
      args: [join(bench, `peers/${family}.py`)],
      env: {
        ...process.env,
        OMP_NUM_THREADS: String(threads),
        // Kept, so that a second run does not compile everything again.
        TORCHINDUCTOR_CACHE_DIR: join(dirname(dirname(python)), 'inductor-cache'),
        PYTHONDONTWRITEBYTECODE: '1',
        ...(device === 'cpu' && { CUDA_VISIBLE_DEVICES: '' }),
      },
    }),
  };
}
