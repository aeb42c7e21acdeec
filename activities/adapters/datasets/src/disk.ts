import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VitrineError } from '@vitrine/contracts';

/** A failure to write below the data folder, as an error of the closed list. */
export function writeError(cause: unknown, path: string): VitrineError {
  if (cause instanceof VitrineError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new VitrineError('DiskFull', 'A data set could not be written.', {
      where: path,
      expected: 'room for the data set',
      actual: code,
      cause,
    });
  return new VitrineError('InvalidConfig', 'A data set could not be written.', {
    where: path,
    expected: 'a folder this user may write to',
    actual: code,
    hint: 'Let Vitrine write to this folder, or name another one by VITRINE_DATA_DIR.',
    cause,
  });
}

const PARTIAL = /^\.partial-(\d+)-/;

/**
 * Fills a working folder, then moves its files into the target folder one by one. A file under its own name is always
 * whole; processes that do this at the same time put equal files in each other's place. After a kill in between some
 * files are missing, which whoever reads the folder has to check anyway.
 */
export async function publishFiles(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const parent = dirname(target);
  const partial = join(parent, `.partial-${process.pid}-${randomUUID()}`);
  try {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    await mkdir(partial);
    await fill(partial);
    await mkdir(target, { recursive: true });
    for (const name of await readdir(partial)) await rename(join(partial, name), join(target, name));
  } catch (error) {
    throw writeError(error, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Older than any unpacking takes: process numbers say nothing about other machines that share the folder. */
const ABANDONED_MILLISECONDS = 3_600_000;

/** What processes that were killed have left. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid] = PARTIAL.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > ABANDONED_MILLISECONDS) await rm(path, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
