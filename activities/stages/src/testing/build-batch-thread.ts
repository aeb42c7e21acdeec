import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles the batch thread as the build does, to where the code under test looks for it. Safe from several test files. */
export async function buildBatchThread(): Promise<void> {
  const bundler = fileURLToPath(new URL('../../../../infra/build/bundle.mjs', import.meta.url));
  const entry = ['src/prefetch/batch-thread.ts', 'dist/batch-thread.mjs'];
  await promisify(execFile)(process.execPath, [bundler, ...entry], { cwd: packageFolder });
}
