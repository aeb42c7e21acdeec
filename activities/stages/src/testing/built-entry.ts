import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the stage process as the build does, into a folder of its own, and gives its path. */
export async function buildEntry(): Promise<string> {
  // Below node_modules, from where the bundle finds its packages.
  const folder = here(`../../../../node_modules/.cache/vitrine-stage-entry-${process.pid}`);
  const entries = [
    'src/job/entry.ts',
    `${folder}/job-entry.mjs`,
    'src/prefetch/batch-thread.ts',
    `${folder}/batch-thread.mjs`,
  ];
  const bundler = here('../../../../infra/build/bundle.mjs');
  await promisify(execFile)(process.execPath, [bundler, ...entries], { cwd: here('../../') });
  return `${folder}/job-entry.mjs`;
}
