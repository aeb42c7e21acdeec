import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, processIdentity, processIdentitySchema, type ProcessIdentity } from '@vitrine/config';
import { writeStateFile } from './state-file.js';

export interface SupervisorLock {
  release(): void;
}

/** Who supervises this state folder: one process, even when two are started at once. */
export function lockPath(stateDir: string): string {
  return join(stateDir, 'supervisor.lock');
}

/** The live supervisor of a state folder, if there is one. */
export function lockHolder(stateDir: string): ProcessIdentity | undefined {
  const holder = readHolder(lockPath(stateDir));
  return holder && isRunning(holder) ? holder : undefined;
}

/**
 * Takes the lock for this process, or tells who has it. A lock whose owner is gone is taken over.
 * @throws VitrineError DiskFull, InvalidConfig when the folder cannot be written to
 */
export function takeLock(stateDir: string): SupervisorLock | { readonly holder: ProcessIdentity } {
  const path = lockPath(stateDir);
  const own = `${path}.${process.pid}`;
  const self = processIdentity(process.pid);
  writeStateFile(own, self);
  try {
    for (;;) {
      if (linked(own, path)) return { release: () => release(path, self) };
      const holder = readHolder(path);
      if (holder && isRunning(holder)) return { holder };
      removeStale(path, `${own}.stale`, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved aside before it is looked at again: whoever comes at the same time may have put a fresh lock in its place. */
function removeStale(path: string, aside: string, stale: ProcessIdentity | undefined): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && isRunning(moved) && moved.pid !== stale?.pid) linked(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, self: ProcessIdentity | undefined): void {
  if (readHolder(path)?.pid === self?.pid) rmSync(path, { force: true });
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
