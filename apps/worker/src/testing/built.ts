import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BuiltParts } from '../built-parts.js';

const workspace = fileURLToPath(new URL('../../../../', import.meta.url));

/** Builds what a worker runs from the sources as they are, into a folder of its own. */
export async function buildParts(): Promise<BuiltParts & { remove(): Promise<void> }> {
  // Below node_modules, from where bundles find their packages.
  const folder = `${workspace}node_modules/.cache/vitrine-worker-parts-${process.pid}`;
  const stageEntry = `${folder}/job-entry.mjs`;
  const profileEntry = `${folder}/profile-entry.mjs`;
  const workflowBundle = `${folder}/workflow-bundle.js`;
  const run = (cwd: string, args: readonly string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: `${workspace}${cwd}` });
  await Promise.all([
    run('activities/stages', ['../../infra/build/bundle.mjs', 'src/job/entry.ts', stageEntry]),
    run('activities/stages', ['../../infra/build/bundle.mjs', 'src/cache/profile-entry.ts', profileEntry]),
    run('workflows/pipelines', ['bundle.mjs', workflowBundle]),
  ]);
  return {
    stageEntry,
    profileEntry,
    workflowBundle,
    codeVersion: () => 'test',
    plannedBy: () => ({ codeVersion: 'test', kinds: {} }),
    remove: () => rm(folder, { recursive: true }),
  };
}
