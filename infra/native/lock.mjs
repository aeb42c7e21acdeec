import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './problem.mjs';

const refreshMs = 5_000;
const foreignStaleMs = 60_000;

/** @typedef {{ pid: number, started: string | null, host: string }} Owner */

/**
 * When a process began, in clock ticks since boot: tells a process from a later one of the same id.
 * @param {number} pid
 * @returns {string | null} null where there is no such process, or no /proc to ask
 */
export function processStart(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets and may hold blanks; the 22nd is the start.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} text @returns {Owner | undefined} */
function parseOwner(text) {
  try {
    const owner = JSON.parse(text);
    return typeof owner.pid === 'number' && typeof owner.host === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the owner still works. Of another machine (a shared home, a container) only the lock's refreshed time is known.
 * @param {Owner | undefined} owner
 * @param {number} ageMs since the lock was last refreshed
 * @returns {boolean}
 */
export function isHeld(owner, ageMs) {
  if (!owner) return false;
  if (owner.host !== hostname()) return ageMs < foreignStaleMs;
  if (!isRunning(owner.pid)) return false;
  return owner.started === null || owner.started === processStart(owner.pid);
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
async function tryAcquire(file) {
  /** @type {Owner} */
  const owner = { pid: process.pid, started: processStart(process.pid), host: hostname() };
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(owner));
  try {
    // A link appears with its content, so nobody ever reads a half-written owner.
    await link(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await unlink(own);
  }
}

/**
 * @param {string} file
 * @returns {Promise<{ text: string, owner: Owner | undefined, held: boolean } | undefined>} undefined when nobody has it
 */
async function inspect(file) {
  try {
    const text = await readFile(file, 'utf8');
    const owner = parseOwner(text);
    return { text, owner, held: isHeld(owner, Date.now() - (await stat(file)).mtimeMs) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Takes a dead owner's lock away. Of two that try, the second may move the first one's fresh lock: it puts it back.
 * @param {string} file
 * @param {string} deadText
 */
async function removeStale(file, deadText) {
  const moved = `${file}.${randomUUID()}`;
  try {
    await rename(file, moved);
    if ((await readFile(moved, 'utf8')) !== deadText) await link(moved, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(moved, { force: true });
  }
}

/**
 * Runs the work while this process alone holds the lock file; the lock of a dead process is taken over.
 * @template T
 * @param {string} file
 * @param {{ signal: AbortSignal, onWait?: (holder: string) => void, pollMs?: number }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { signal, onWait, pollMs = 200 }, work) {
  let told = false;
  while (!(await tryAcquire(file))) {
    const found = await inspect(file);
    if (!found) continue;
    if (!found.held) {
      await removeStale(file, found.text);
      continue;
    }
    if (!told) onWait?.(`process ${found.owner?.pid} on ${found.owner?.host}`);
    told = true;
    await sleep(pollMs, undefined, { signal });
  }
  const refresh = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, refreshMs);
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await rm(file, { force: true });
  }
}
