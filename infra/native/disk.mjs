import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SetupError } from './problem.mjs';
import { megabytes } from './progress.mjs';

/** @typedef {{ what: string, path: string, bytes: number, variable: string }} Need `variable` moves it elsewhere, if there is one */

/** @param {string} path @returns {Promise<{ path: string, device: number }>} the nearest folder that exists */
async function existing(path) {
  try {
    return { path, device: (await stat(path)).dev };
  } catch (error) {
    if (dirname(path) === path) throw error;
    return existing(dirname(path));
  }
}

/** @param {string} path */
async function freeBytes(path) {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * Refuses before anything is fetched when a file system is too small for what will be put on it.
 * @param {readonly Need[]} needs
 * @param {(path: string) => Promise<number>} [free]
 * @returns {Promise<void>}
 * @throws {SetupError}
 */
export async function checkSpace(needs, free = freeBytes) {
  /** @type {Map<number, { path: string, needs: Need[] }>} */
  const devices = new Map();
  for (const need of needs.filter(({ bytes }) => bytes > 0)) {
    const { path, device } = await existing(need.path);
    const group = devices.get(device) ?? { path, needs: [] };
    group.needs.push(need);
    devices.set(device, group);
  }
  for (const group of devices.values()) {
    const wanted = group.needs.reduce((sum, { bytes }) => sum + bytes, 0);
    const available = await free(group.path);
    if (available >= wanted) continue;
    const parts = group.needs.map(({ what, path, bytes }) => `${megabytes(bytes)} for ${what} in ${path}`);
    const variables = [...new Set(group.needs.map(({ variable }) => variable).filter(Boolean))];
    const elsewhere =
      variables.length > 0 ? `, or name a folder on another disk with ${variables.join(' or ')}` : '';
    throw new SetupError('The disk has too little space', {
      where: group.path,
      expected: `${megabytes(wanted)} free (${parts.join(', ')})`,
      actual: `${megabytes(available)} free`,
      fix: `Free ${megabytes(wanted - available)} there${elsewhere}.`,
    });
  }
}
