import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { withLock } from './lock.mjs';

/**
 * The user's cache folder, shared by all clones.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function nativeCacheDir(env) {
  const base = env.VITRINE_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vitrine');
  return resolve(base, 'native');
}

/**
 * A finished entry. It came into being by one rename, so it is whole; the sizes notice a file lost since.
 * @typedef {{ format: 1, files: Record<string, number>, facts: Record<string, string> }} Manifest
 * @typedef {{ dir: string, manifest: Manifest }} Entry
 */

/**
 * @param {string} cache
 * @param {string} name
 * @returns {Promise<Entry | undefined>}
 */
export async function findEntry(cache, name) {
  const dir = join(cache, name);
  try {
    /** @type {Manifest} */
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'));
    if (manifest.format !== 1) return undefined;
    for (const [file, bytes] of Object.entries(manifest.files)) {
      if ((await stat(join(dir, file))).size !== bytes) return undefined;
    }
    return { dir, manifest };
  } catch {
    return undefined;
  }
}

/**
 * @typedef {object} EntryRecipe
 * @property {string} name unique per content: it carries a version or digest
 * @property {(staging: string) => Promise<Record<string, string>>} make fills the folder, returns the facts to record
 * @property {(holder: string) => void} [onWait] told once, if another process is at it
 * @property {AbortSignal} signal
 */

/**
 * The entry, made if it is not there: beside its place, under a lock, moved in by one rename.
 * @param {string} cache
 * @param {EntryRecipe} recipe
 * @returns {Promise<Entry>}
 */
export async function ensureEntry(cache, { name, make, onWait, signal }) {
  const found = await findEntry(cache, name);
  if (found) return found;
  await mkdir(cache, { recursive: true });
  return withLock(join(cache, `${name}.lock`), { onWait, signal }, async () => {
    const meanwhile = await findEntry(cache, name);
    if (meanwhile) return meanwhile;
    await removeLeftovers(cache, name);
    const staging = join(cache, `.${name}.staging-${process.pid}`);
    try {
      await mkdir(staging);
      const facts = await make(staging);
      /** @type {Manifest} */
      const manifest = { format: 1, files: await fileSizes(staging), facts };
      await writeFile(join(staging, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      await rm(join(cache, name), { recursive: true, force: true });
      await rename(staging, join(cache, name));
      return { dir: join(cache, name), manifest };
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}

/** Whoever holds the lock is alone: a staging folder of another process is what a killed one left. */
async function removeLeftovers(/** @type {string} */ cache, /** @type {string} */ name) {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(`.${name}.staging-`)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

/**
 * Sizes of the libraries and programs; headers are too many to look at on every start.
 * @param {string} dir
 * @returns {Promise<Record<string, number>>}
 */
async function fileSizes(dir) {
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || file.name.endsWith('.h')) continue;
    const path = join(file.parentPath ?? file.path, file.name);
    sizes[path.slice(dir.length + 1)] = (await stat(path)).size;
  }
  return sizes;
}
