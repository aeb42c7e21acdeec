import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureEntry, findEntry } from './cache.mjs';
import { ask, run } from './command.mjs';
import { download, sha256OfFile } from './download.mjs';
import { withLock } from './lock.mjs';
import { locateWheel, readPipSources } from './pip-index.mjs';
import { TENSORFLOW, TENSORFLOW_VERSION } from './pins.mjs';
import { SetupError } from './problem.mjs';
import { megabytes } from './progress.mjs';

const variable = 'VITRINE_LIBTENSORFLOW_DIR';
const unpackScript = fileURLToPath(new URL('unpack.py', import.meta.url));

/** What the addon's sources include, and what they include in turn. */
const headerFolders = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'];
const members = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  ...headerFolders.map((folder) => `tensorflow/include/${folder}`),
  // The CUDA build finds these by its run path, `$ORIGIN/../nvidia/<name>/lib`.
  'nvidia/',
];

/**
 * @typedef {import('./pins.mjs').Device} Device
 * @typedef {object} Libtensorflow
 * @property {string} dir holds the libraries
 * @property {string} include
 * @property {readonly string[]} libraries file names to link against
 * @property {string} version
 * @property {string} sha256 of the wheel, or of the libraries themselves where they are the user's own
 * @property {Device} device
 * @property {'env' | 'registry'} source
 */

/** @param {Device} device */
function entryName(device) {
  const content = [TENSORFLOW[device].wheels.map(({ sha256 }) => sha256), members];
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return `libtensorflow-${TENSORFLOW_VERSION}-${device}-${digest.slice(0, 12)}`;
}

/** @param {Device} device @param {string} root @returns {Libtensorflow} */
function fromWheel(device, root) {
  const dir = join(root, 'tensorflow');
  return {
    dir,
    include: join(dir, 'include'),
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    version: TENSORFLOW_VERSION,
    sha256: TENSORFLOW[device].wheels[0]?.sha256 ?? '',
    device,
    source: 'registry',
  };
}

/**
 * Whether an NVIDIA driver answers on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>}
 */
export async function hasNvidiaDriver(env) {
  if (existsSync('/proc/driver/nvidia/version')) return true;
  return (await ask('nvidia-smi', ['-L'], env))?.includes('GPU ') ?? false;
}

/**
 * What is there already, without fetching anything.
 * @param {{ cache: string, device: Device, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Libtensorflow | undefined>}
 * @throws {SetupError} when the environment names a folder that does not hold it
 */
export async function findLibtensorflow({ cache, device, env }) {
  const own = env[variable];
  if (own) return ownLibtensorflow(resolve(own), cache);
  const entry = await findEntry(cache, entryName(device));
  return entry && fromWheel(device, entry.dir);
}

/** @param {Device} device @returns {number} */
export function spaceForLibtensorflow(device) {
  const { wheels, unpackedBytes } = TENSORFLOW[device];
  // A wheel is removed once it is unpacked, so at most the largest one lies beside what is unpacked.
  return unpackedBytes + Math.max(...wheels.map(({ bytes }) => bytes));
}

/**
 * Fetches the pinned wheels and keeps of them what is needed.
 * @param {{ cache: string, device: Device, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 * @returns {Promise<Libtensorflow>}
 */
export async function fetchLibtensorflow({ cache, device, env, task, signal }) {
  const { wheels } = TENSORFLOW[device];
  const total = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const entry = await ensureEntry(cache, {
    name: entryName(device),
    signal,
    onWait: (holder) => task.note(`${holder} is fetching it already, waiting`),
    make: async (staging) => {
      const sources = await readPipSources(env, signal);
      task.note(`fetching the ${device} build, ${megabytes(total)} from pip's package index`);
      let before = 0;
      for (const wheel of wheels) {
        const onProgress = (/** @type {number} */ done) => task.count(before + done, total, 'bytes');
        const onUnpack = () => task.show(`unpacking ${wheel.project}`);
        await unpackWheel(wheel, { cache, staging, sources, signal, onProgress, onUnpack });
        before += wheel.bytes;
      }
      return { version: TENSORFLOW_VERSION, device, wheels: wheels.map(({ sha256 }) => sha256).join(' ') };
    },
  });
  return fromWheel(device, entry.dir);
}

/**
 * @param {import('./pins.mjs').Wheel} wheel
 * @param {{ cache: string, staging: string, sources: import('./pip-index.mjs').PipSources, signal: AbortSignal, onProgress: (done: number) => void, onUnpack: () => void }} options
 */
async function unpackWheel(wheel, { cache, staging, sources, signal, onProgress, onUnpack }) {
  const url = await locateWheel(wheel, sources, signal);
  const unpack = (/** @type {string} */ file) => {
    onUnpack();
    return run('python3', [unpackScript, file, staging, ...members], {
      signal,
      fix: `If the disk is full, free space in ${staging}; else start again.`,
    });
  };
  if (url.protocol === 'file:') {
    await checkLocalWheel(wheel, fileURLToPath(url));
    await unpack(fileURLToPath(url));
    return;
  }
  // Kept by digest outside the entry: a fetch that broke off is gone on with by whoever comes next.
  const part = join(cache, 'downloads', `${wheel.sha256}.part`);
  await mkdir(dirname(part), { recursive: true });
  await withLock(`${part}.lock`, { signal }, async () => {
    const { bytes, sha256 } = wheel;
    await download({ url, file: part, bytes, sha256, route: sources.route, signal, onProgress });
    await unpack(part);
    await rm(part);
  });
}

/** @param {import('./pins.mjs').Wheel} wheel @param {string} file */
async function checkLocalWheel({ sha256 }, file) {
  const actual = await sha256OfFile(file);
  if (actual === sha256) return;
  throw new SetupError('A wheel in a find-links folder is not the pinned one', {
    where: file,
    expected: `sha256 ${sha256}`,
    actual: `sha256 ${actual}`,
    fix: 'Remove that file, or put the right one there.',
  });
}

/**
 * The user's own build: a wheel's `tensorflow` folder, or the C distribution (`lib` beside `include`).
 * @param {string} named
 * @param {string} cache remembers the digest, which takes a second to compute
 * @returns {Promise<Libtensorflow>}
 */
async function ownLibtensorflow(named, cache) {
  const layouts = [
    ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    ['libtensorflow.so.2', 'libtensorflow_framework.so.2'],
  ];
  for (const dir of [named, join(named, 'lib')]) {
    const libraries = layouts.find((names) => names.every((name) => existsSync(join(dir, name))));
    const include = [join(dir, 'include'), join(dir, '..', 'include')].find((folder) =>
      existsSync(join(folder, 'tensorflow', 'c', 'c_api.h')),
    );
    if (!libraries || !include) continue;
    return {
      dir,
      include,
      libraries,
      source: 'env',
      ...(await describeOwn(dir, libraries, { include, cache })),
    };
  }
  throw new SetupError(`${variable} names a folder without libtensorflow`, {
    where: named,
    expected: `${layouts.map((names) => names.join(' and ')).join(', or ')}, with include/tensorflow/c/c_api.h`,
    fix: `Name a folder that holds them, or unset ${variable} to have the pinned build fetched.`,
  });
}

/**
 * @param {string} dir
 * @param {readonly string[]} libraries
 * @param {{ include: string, cache: string }} options
 * @returns {Promise<{ version: string, sha256: string, device: Device }>}
 */
async function describeOwn(dir, libraries, { include, cache }) {
  const states = await Promise.all(
    libraries.map(async (name) => {
      const { size, mtimeMs } = await stat(join(dir, name));
      return [join(dir, name), size, mtimeMs];
    }),
  );
  const key = createHash('sha256').update(JSON.stringify(states)).digest('hex').slice(0, 24);
  const memo = join(cache, `own-libtensorflow-${key}.json`);
  try {
    return JSON.parse(await readFile(memo, 'utf8'));
  } catch {
    const digest = createHash('sha256');
    let device = /** @type {Device} */ ('cpu');
    for (const name of libraries) {
      for await (const chunk of createReadStream(join(dir, name), { highWaterMark: 1 << 22 })) {
        digest.update(chunk);
        // The dynamic section of a CUDA build names the folders of the CUDA wheels or the runtime itself.
        if (chunk.includes('nvidia/cudnn/lib') || chunk.includes('libcudart.so')) device = 'cuda';
      }
    }
    const facts = { version: await headerVersion(include), sha256: digest.digest('hex'), device };
    await mkdir(cache, { recursive: true });
    await writeFile(memo, JSON.stringify(facts));
    return facts;
  }
}

/** @param {string} include @returns {Promise<string>} */
async function headerVersion(include) {
  for (const file of ['release_version.h', 'version.h']) {
    const path = join(include, 'tensorflow', 'core', 'public', file);
    if (!existsSync(path)) continue;
    const text = await readFile(path, 'utf8');
    const numbers = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`TF_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    if (numbers.every(Boolean)) return numbers.join('.');
  }
  return 'unknown';
}
