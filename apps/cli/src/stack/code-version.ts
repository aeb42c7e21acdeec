import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtCodePath, isRunning, readBuiltCode, readStackFile } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';

/** Digest of the stage code as it is built now; undefined when nothing is built. */
export function builtCodeVersion(workspace: string | undefined): string | undefined {
  return readBuiltCode(builtCodePath(workspace ?? '.'))?.codeVersion;
}

/** What API and worker hold in memory as long as they run. Stage processes and their versions are read from disk each time. */
const LOADED = [
  'apps/api/dist/main.mjs',
  'apps/worker/dist/main.mjs',
  'workflows/pipelines/dist/workflow-bundle.js',
];

/** Digest of the programs that a stack loads when it starts, as they are built now; undefined when one is not built. */
export function builtProgramsVersion(workspace: string | undefined): string | undefined {
  const files = LOADED.map((path) => join(workspace ?? '.', path));
  if (!files.every((file) => existsSync(file))) return undefined;
  const hash = createHash('sha256');
  for (const file of files) hash.update(createHash('sha256').update(readFileSync(file)).digest());
  return hash.digest('hex');
}

/**
 * A changed stage needs no other stack: its next process runs what is built. A changed worker does, and workflows of the new
 * code are not those that an old one runs: better to say so at once.
 * @throws VitrineError CodeVersionMismatch when API or worker were built anew since the stack was started
 */
export function requireCurrentCode(stateDir: string, built: string | undefined): void {
  const stack = readStackFile(stateDir);
  const runs = stack?.workers.some((worker) => isRunning(worker));
  if (!runs || built === undefined || stack?.programs === undefined || stack.programs === built) return;
  throw new VitrineError(
    'CodeVersionMismatch',
    'API or worker were built anew since the stack was started.',
    {
      where: stateDir,
      expected: `programs ${built.slice(0, 12)}`,
      actual: `programs ${stack.programs.slice(0, 12)}`,
      hint: 'Restart it with `npx vitrine down` and `npx vitrine up`. Runs that are open were planned for the old code: let them end first, or cancel them.',
    },
  );
}
