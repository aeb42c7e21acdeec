import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { VitrineError } from '@vitrine/contracts';

/**
 * Writes a JSON file so that readers see the old content or the new, and nothing else. Readable by its owner only: the state
 * folder holds keys.
 * @throws VitrineError DiskFull, InvalidConfig when the folder cannot be written to
 */
export function writeStateFile(path: string, document: unknown): void {
  const own = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(own, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(own, path);
  } catch (cause) {
    tryToRemove(own);
    throw stateFileError(cause, path);
  }
}

/** What it means that a file of the state folder, or the folder itself, could not be made. */
export function stateFileError(cause: unknown, path: string): VitrineError {
  const { code } = cause as NodeJS.ErrnoException;
  return new VitrineError(
    code === 'ENOSPC' || code === 'EDQUOT' ? 'DiskFull' : 'InvalidConfig',
    'A file of the state folder cannot be written.',
    {
      where: path,
      expected: 'a folder this user may write to, with room',
      actual: code ?? String(cause),
      hint: 'Free space, correct the permissions, or choose another folder with VITRINE_STATE_DIR.',
      cause,
    },
  );
}

function tryToRemove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What could not be written is not there either; the first failure is the one to tell.
  }
}
