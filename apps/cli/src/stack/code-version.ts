import { builtCodePath, isRunning, readBuiltCode, readStackFile } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';

/** Digest of the stage code as it is built now; undefined when nothing is built. */
export function builtCodeVersion(workspace: string | undefined): string | undefined {
  return readBuiltCode(builtCodePath(workspace ?? '.'))?.codeVersion;
}

/**
 * A run is planned for the code that is built, and a worker with other code refuses its stages: better to say so at once.
 * @throws VitrineError CodeVersionMismatch when the running stack was started before the last build
 */
export function requireCurrentCode(stateDir: string, built: string | undefined): void {
  const stack = readStackFile(stateDir);
  const runs = stack?.workers.some((worker) => isRunning(worker));
  if (!runs || built === undefined || stack?.codeVersion === undefined || stack.codeVersion === built) return;
  throw new VitrineError('CodeVersionMismatch', 'The running stack was started before the last build.', {
    where: stateDir,
    expected: `a worker with the stage code ${built.slice(0, 12)}`,
    actual: `one with ${stack.codeVersion.slice(0, 12)}`,
    hint: 'Restart it with `npx vitrine down` and `npx vitrine up`. Runs that are open were planned for the old code: let them end first, or cancel them.',
  });
}
