import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles the process of a further device as the build does, to where the code under test looks for it. */
export async function buildReplica(): Promise<void> {
  const bundler = fileURLToPath(new URL('../../../../infra/build/bundle.mjs', import.meta.url));
  const entry = ['src/replicas/replica-entry.ts', 'dist/replica-entry.mjs'];
  await promisify(execFile)(process.execPath, [bundler, ...entry], { cwd: packageFolder });
}
