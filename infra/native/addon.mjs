import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureEntry } from './cache.mjs';
import { ask, run } from './command.mjs';
import { sha256OfFile } from './download.mjs';
import { SetupError } from './problem.mjs';

const addonFile = 'tfjs_binding.node';
const packageName = '@tensorflow/tfjs-node-gpu';
const flags = ['-std=gnu++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'];
const compilerFix =
  'Install a C++ compiler (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++), or name one with CXX.';

/**
 * @typedef {import('./libtensorflow.mjs').Libtensorflow} Libtensorflow
 * @typedef {object} AddonOptions
 * @property {string} workspace
 * @property {string} cache
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./progress.mjs').Task} task
 * @property {AbortSignal} signal
 */

/** @param {NodeJS.ProcessEnv} env */
export const compilerOf = (env) => env.CXX || 'c++';

/**
 * Everything that the addon's bytes depend on.
 * @param {string} sources
 * @param {Libtensorflow} libtensorflow
 * @param {{ headers: string, compiler: string }} tools
 * @returns {Promise<string>}
 */
async function addonKey(sources, libtensorflow, { headers, compiler }) {
  const hash = createHash('sha256');
  for (const folder of [sources, headers]) {
    for (const file of (await readdir(folder)).sort())
      hash.update(file).update(await readFile(join(folder, file)));
  }
  const { dir, sha256 } = libtensorflow;
  hash.update(JSON.stringify([dir, sha256, flags, compiler, process.arch, process.platform]));
  return hash.digest('hex');
}

/**
 * The native half of tfjs-node-gpu, compiled against libtensorflow and put where the package looks for it. Its own
 * install script would fetch a library that is years old, and never runs here.
 * @param {Libtensorflow} libtensorflow
 * @param {AddonOptions} options
 * @returns {Promise<boolean>} whether it had to be put there
 */
export async function installAddon(libtensorflow, { workspace, cache, env, task, signal }) {
  const home = join(workspace, 'node_modules', packageName);
  const sources = join(home, 'binding');
  const headers = join(workspace, 'node_modules', 'node-api-headers', 'include');
  const compiler = (await ask(compilerOf(env), ['--version'], env))?.split('\n')[0];
  if (!compiler) {
    throw new SetupError('There is no C++ compiler', { where: compilerOf(env), fix: compilerFix });
  }
  const key = await addonKey(sources, libtensorflow, { headers, compiler });
  const entry = await ensureEntry(cache, {
    name: `tfjs-addon-${key.slice(0, 16)}`,
    signal,
    onWait: (holder) => task.note(`${holder} is compiling it already, waiting`),
    make: async (staging) => {
      task.note(`compiling the addon of ${packageName} against libtensorflow ${libtensorflow.version}`);
      const file = join(staging, addonFile);
      await compile(file, libtensorflow, { home, headers, env, signal });
      return {
        compiler,
        tensorflow: await loadedVersion(file, libtensorflow, env),
        sha256: await sha256OfFile(file),
      };
    },
  });
  const place = join(home, 'lib', 'napi-v8', addonFile);
  const built = join(entry.dir, addonFile);
  const placed = await sha256OfFile(place).catch(() => undefined);
  if (placed === entry.manifest.facts.sha256) return false;
  await mkdir(join(home, 'lib', 'napi-v8'), { recursive: true });
  // Renamed into place: a process that has the old one mapped keeps it.
  const beside = `${place}.${process.pid}`;
  await copyFile(built, beside)
    .then(() => rename(beside, place))
    .finally(() => rm(beside, { force: true }));
  await proveItComputes(workspace, env, signal);
  return true;
}

/**
 * @param {string} file
 * @param {Libtensorflow} libtensorflow
 * @param {{ home: string, headers: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} options
 */
async function compile(file, { dir, include, libraries }, { home, headers, env, signal }) {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(home, 'binding', name));
  const link = [`-L${dir}`, `-Wl,-rpath,${dir}`, ...libraries.map((name) => `-l:${name}`)];
  const includes = [`-I${home}`, `-I${headers}`, `-I${include}`];
  await run(compilerOf(env), [...flags, ...includes, ...sources, '-o', file, ...link], {
    env,
    signal,
    fix: `${compilerFix} It must know C++17.`,
  });
}

/**
 * Loads the addon in a process of its own, where a missing library or instruction set does no harm.
 * @param {string} file
 * @param {Libtensorflow} libtensorflow
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>}
 */
async function loadedVersion(file, { dir }, env) {
  const script = `process.stdout.write(require(${JSON.stringify(file)}).TF_Version)`;
  return run(process.execPath, ['-e', script], {
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '2' },
    fix:
      `libtensorflow in ${dir} does not load. Ended by SIGILL: this processor lacks the AVX instructions that the ` +
      'build needs; a symbol or GLIBC version not found: the system is older than the build. ' +
      'Name a fitting build with VITRINE_LIBTENSORFLOW_DIR.',
  });
}

/** @param {string} workspace @param {NodeJS.ProcessEnv} env @param {AbortSignal} signal */
async function proveItComputes(workspace, env, signal) {
  const script = `const tf = require('${packageName}'); process.stdout.write(String(tf.matMul([[2, 3]], [[5], [7]]).dataSync()[0]))`;
  const output = await run(process.execPath, ['-e', script], {
    cwd: workspace,
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '2' },
    signal,
    fix: 'Remove node_modules and the native folder of the cache, and start again; if it stays so, please report it.',
  });
  if (output.trim().split('\n').at(-1) === '31') return;
  throw new SetupError('TensorFlow loads but computes wrongly', {
    where: packageName,
    expected: '[2 3] · [5 7] = 31',
    actual: output,
    fix: 'Please report it, with the processor and the compiler.',
  });
}
