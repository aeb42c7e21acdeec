import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { installAddon } from './addon.mjs';
import { nativeCacheDir } from './cache.mjs';
import { checkSpace } from './disk.mjs';
import { fetchLibtensorflow, findLibtensorflow, hasNvidiaDriver } from './libtensorflow.mjs';
import { PROMETHEUS, TEMPORAL, VERSITYGW } from './pins.mjs';
import { checkPrerequisites, spaceNeeds } from './prerequisites.mjs';
import { SetupError } from './problem.mjs';
import { fetchPrometheus, findPrometheus } from './prometheus.mjs';
import { buildServer, findServer } from './servers.mjs';

/**
 * @typedef {import('./pins.mjs').Device} Device
 * @typedef {import('./pins.mjs').Server} Server
 * @typedef {import('./servers.mjs').FoundServer} FoundServer
 * @typedef {import('./libtensorflow.mjs').Libtensorflow} Libtensorflow
 * @typedef {import('./prometheus.mjs').FoundPrometheus} FoundPrometheus
 *
 * @typedef {object} SetupOptions
 * @property {string} workspace
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./progress.mjs').Progress} progress
 * @property {AbortSignal} signal
 * @property {Promise<void>} [modules] settles when node_modules is there, which the addon needs
 * @property {Device} [device]
 *
 * @typedef {{ cache: string, device: Device, temporal?: FoundServer, s3?: FoundServer, libtensorflow?: Libtensorflow, prometheus?: FoundPrometheus }} Inventory
 */

/**
 * What is there already.
 * @param {{ env: NodeJS.ProcessEnv, device?: Device }} options
 * @returns {Promise<Inventory>}
 */
export async function takeInventory({ env, device: chosen }) {
  const cache = nativeCacheDir(env);
  const device = chosen ?? ((await hasNvidiaDriver(env)) ? 'cuda' : 'cpu');
  const [temporal, s3, libtensorflow, prometheus] = await Promise.all([
    findServer(TEMPORAL, { cache, env }),
    findServer(VERSITYGW, { cache, env }),
    findLibtensorflow({ cache, device, env }),
    findPrometheus(PROMETHEUS, { cache, env }),
  ]);
  return { cache, device, temporal, s3, libtensorflow, prometheus };
}

/** @param {Inventory} inventory @returns {import('./prerequisites.mjs').Missing} */
export const missingOf = ({ temporal, s3, libtensorflow }) => ({
  libtensorflow: !libtensorflow,
  servers: [...(temporal ? [] : [TEMPORAL]), ...(s3 ? [] : [VERSITYGW])],
});

/**
 * Refuses before the first byte is fetched: all that lacks at once, not one thing per try.
 * @param {Inventory} inventory
 * @param {NodeJS.ProcessEnv} env
 */
async function assertPossible(inventory, env) {
  const missing = missingOf(inventory);
  if (!missing.libtensorflow && missing.servers.length === 0) return;
  const checks = await checkPrerequisites(missing, env);
  const failed = checks.filter(({ needed, ok }) => needed && !ok);
  if (failed.length > 0) {
    throw new SetupError(`${failed.map(({ name }) => name).join(', ')}: missing or too old`, {
      expected: failed.map(({ name, expected }) => `${name}: ${expected}`).join('; '),
      actual: failed.map(({ name, found }) => `${name}: ${found}`).join('; '),
      fix: failed.map(({ fix }) => fix).join('\n'),
    });
  }
  await checkSpace(await spaceNeeds(missing, { ...inventory, env }));
}

/**
 * Runs one part with its own progress, and says when and how it ended.
 * @template T
 * @param {import('./progress.mjs').Progress} progress
 * @param {string} name
 * @param {(task: import('./progress.mjs').Task) => Promise<{ value: T, text: string }>} work
 * @returns {Promise<T>}
 */
async function part(progress, name, work) {
  const task = progress.start(name);
  try {
    const { value, text } = await work(task);
    task.done(text);
    return value;
  } catch (error) {
    task.drop();
    throw error;
  }
}

/**
 * Brings everything native into place. What is there already costs next to nothing; the rest is made side by side.
 * @param {SetupOptions} options
 * @returns {Promise<void>}
 * @throws {SetupError}
 */
export async function setUpNative({ workspace, env, progress, signal: outer, modules, device }) {
  const inventory = await takeInventory({ env, device });
  await assertPossible(inventory, env);
  const { cache } = inventory;
  const failure = new AbortController();
  const signal = AbortSignal.any([outer, failure.signal]);

  const server = async (/** @type {Server} */ pin, /** @type {FoundServer | undefined} */ found) =>
    found ??
    part(progress, pin.name, async (task) => {
      const value = await buildServer(pin, { cache, env, task, signal });
      return { value, text: `${value.version} is built` };
    });
  const tensorflow = async () => {
    const libtensorflow =
      inventory.libtensorflow ??
      (await part(progress, 'libtensorflow', async (task) => {
        const value = await fetchLibtensorflow({ ...inventory, env, task, signal });
        return { value, text: `${value.version} for ${value.device} is in the cache` };
      }));
    await modules;
    signal.throwIfAborted();
    const task = progress.start('tfjs addon');
    const placed = await installAddon(libtensorflow, { workspace, cache, env, task, signal }).finally(
      task.drop,
    );
    if (placed) progress.say(`tfjs addon: computes with libtensorflow ${libtensorflow.version}`);
    return libtensorflow;
  };
  const prometheus = async () => {
    if (inventory.prometheus) return inventory.prometheus;
    const task = progress.start('prometheus');
    const found = await fetchPrometheus(PROMETHEUS, { cache, env, task, signal }).finally(task.drop);
    progress.say(
      found
        ? `prometheus: ${found.version} is in the cache`
        : 'prometheus: cannot be had here, so `vitrine up --monitoring` has none; VITRINE_PROMETHEUS_BIN names your own',
    );
    return found;
  };
  const parts = /** @type {const} */ ({
    temporal: server(TEMPORAL, inventory.temporal),
    s3: server(VERSITYGW, inventory.s3),
    libtensorflow: tensorflow(),
    prometheus: prometheus(),
  });
  // The first failure ends the others; all are waited for, so that nothing goes on behind the error message.
  const all = Object.values(parts).map((work) => work.catch((error) => failure.abort(error)));
  await Promise.all(all);
  signal.throwIfAborted();
  await writeNativeFile(resolve(env.VITRINE_STATE_DIR || join(workspace, '.vitrine')), {
    temporal: await parts.temporal,
    s3: await parts.s3,
    libtensorflow: await parts.libtensorflow,
    prometheus: await parts.prometheus,
  });
}

/**
 * @param {string} state
 * @param {{ temporal: FoundServer, s3: FoundServer, libtensorflow: Libtensorflow, prometheus?: FoundPrometheus }} parts
 */
async function writeNativeFile(state, { temporal, s3, libtensorflow, prometheus }) {
  const { dir, version, sha256, device, source } = libtensorflow;
  const content = {
    format: 1,
    temporal,
    s3,
    libtensorflow: { dir, version, sha256, device, source },
    ...(prometheus && { prometheus }),
  };
  const file = join(state, 'native.json');
  await mkdir(state, { recursive: true });
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(content, null, 2)}\n`);
  await rename(`${file}.${process.pid}`, file);
}
