import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stateFileError } from './state-file.js';

/** A log that has grown beyond this is set aside when its process is started again; one older log is kept. */
const LARGE = 16 * 2 ** 20;

export function logPath(logsDir: string, name: string): string {
  return join(logsDir, `${name}.log`);
}

/**
 * Opens a log for appending, for a process to inherit. Close it once the process has it.
 * @throws VitrineError DiskFull, InvalidConfig when the folder cannot be written to
 */
export function openLog(logsDir: string, name: string): { fd: number; close: () => void } {
  const path = logPath(logsDir, name);
  try {
    mkdirSync(logsDir, { recursive: true, mode: 0o700 });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGE) renameSync(path, `${path}.1`);
    const fd = openSync(path, 'a', 0o600);
    return { fd, close: () => closeSync(fd) };
  } catch (cause) {
    throw stateFileError(cause, path);
  }
}

/** The last lines of a log, for an error message. */
export function logTail(logsDir: string, name: string, lines = 5): string {
  try {
    const text = readFileSync(logPath(logsDir, name), 'utf8').slice(-8192);
    const found = text.split('\n').filter((line) => line.trim() !== '');
    return found
      .slice(-lines)
      .map((line) => line.slice(0, 300))
      .join('\n');
  } catch {
    return '';
  }
}
