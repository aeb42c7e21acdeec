import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ensureEntry, findEntry } from './cache.mjs';
import { ask, run } from './command.mjs';
import { sha256OfFile } from './download.mjs';
import { get } from './http.mjs';
import { SetupError, describeProblem } from './problem.mjs';
import { findOnPath, parseVersion, reaches } from './servers.mjs';

/**
 * @typedef {import('./pins.mjs').PrometheusPackage} PrometheusPackage
 * @typedef {{ path: string, promtool: string, version: string, source: 'env' | 'path' | 'fetched' }} FoundPrometheus
 */

const VARIABLE = 'VITRINE_PROMETHEUS_BIN';
/** Rules and dashboards use nothing newer. @type {readonly [number, number]} */
const MINIMUM = [2, 42];
/** Where the official download is out of reach it is mostly not refused but not answered. */
const REACH_SECONDS = 5;

/** @param {PrometheusPackage} pin */
const entryName = ({ version, sha256 }) => `prometheus-${version}-${sha256.slice(0, 12)}`;

/**
 * What is there already: the one that the environment names, one on PATH that is new enough, one fetched before. Promtool
 * lies beside it.
 * @param {readonly PrometheusPackage[]} pins
 * @param {{ cache: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<FoundPrometheus | undefined>}
 * @throws {SetupError} when the environment names something that does not run
 */
export async function findPrometheus(pins, { cache, env }) {
  const named = env[VARIABLE];
  if (named) {
    const path = resolve(named);
    const found = await inspect(path, env);
    if (found) return { ...found, source: 'env' };
    throw new SetupError(`${VARIABLE} names a program that is not of use`, {
      where: path,
      expected: `prometheus ${MINIMUM.join('.')} or later, and promtool beside it`,
      actual: (await ask(path, ['--version'], env))?.split('\n')[0] ?? 'no program that answers --version',
      fix: `Correct ${VARIABLE}, or unset it to have one fetched.`,
    });
  }
  const onPath = await findOnPath('prometheus', env);
  const usable = onPath && (await inspect(onPath, env));
  if (usable) return { ...usable, source: 'path' };
  for (const pin of pins) {
    const entry = await findEntry(cache, entryName(pin));
    if (entry) return placed(entry.dir, pin);
  }
  return undefined;
}

/** @param {string} path @param {NodeJS.ProcessEnv} env */
async function inspect(path, env) {
  const promtool = join(dirname(path), 'promtool');
  // Newer ones say it on standard output, older ones on standard error.
  const version = parseVersion((await ask('sh', ['-c', '"$0" --version 2>&1', path], env)) ?? '');
  return version && reaches(version, MINIMUM) && existsSync(promtool)
    ? { path, promtool, version }
    : undefined;
}

/** @param {string} dir @param {PrometheusPackage} pin @returns {FoundPrometheus} */
const placed = (dir, { version }) => ({
  path: join(dir, 'prometheus'),
  promtool: join(dir, 'promtool'),
  version,
  source: 'fetched',
});

/**
 * Fetches the first of the pinned packages that can be had: the official one, else Debian's. Nobody needs it to train, so
 * that it cannot be had is told, and is no failure of the set-up.
 * @param {readonly PrometheusPackage[]} pins
 * @param {{ cache: string, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 * @returns {Promise<FoundPrometheus | undefined>}
 */
export async function fetchPrometheus(pins, { cache, env, task, signal }) {
  for (const pin of pins) {
    try {
      const entry = await ensureEntry(cache, {
        name: entryName(pin),
        signal,
        onWait: (holder) => task.note(`${holder} is fetching it already, waiting`),
        make: (staging) => make(pin, { staging, env, task, signal }),
      });
      return placed(entry.dir, pin);
    } catch (error) {
      signal.throwIfAborted();
      task.note(`not from ${pin.from}: ${firstLine(error)}`);
    }
  }
  return undefined;
}

/** @param {unknown} error */
const firstLine = (error) =>
  describeProblem(error).split('\n').slice(0, 3).join('; ').replaceAll(/\s+/g, ' ');

/**
 * @param {PrometheusPackage} pin
 * @param {{ staging: string, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 */
async function make(pin, { staging, env, task, signal }) {
  const work = join(staging, 'work');
  await mkdir(work);
  const file = pin.url
    ? await fetchArchive(pin.url, { work, env, task, signal })
    : await fetchFromDebian(pin, { work, env, task, signal });
  const actual = await sha256OfFile(file);
  if (actual !== pin.sha256)
    throw new SetupError('A fetched file is not the pinned one', {
      where: file,
      expected: `sha256 ${pin.sha256}`,
      actual: `sha256 ${actual}`,
      fix: `Name a Prometheus of your own with ${VARIABLE}.`,
    });
  const fix = `Unpack it yourself and name it with ${VARIABLE}.`;
  await (pin.url
    ? run('tar', ['-xzf', file, '-C', work, '--strip-components=1'], { signal, fix })
    : run('dpkg-deb', ['-x', file, work], { signal, fix }));
  const bin = pin.url ? work : join(work, 'usr/bin');
  for (const name of ['prometheus', 'promtool']) await rename(join(bin, name), join(staging, name));
  await rm(work, { recursive: true });
  await run(join(staging, 'prometheus'), ['--version'], { signal, fix });
  return { version: pin.version, from: pin.from, sha256: pin.sha256 };
}

/**
 * @param {string} url
 * @param {{ work: string, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 */
async function fetchArchive(url, { work, env, task, signal }) {
  const file = join(work, 'prometheus.tar.gz');
  const reach = new AbortController();
  const late = setTimeout(
    () => reach.abort(new Error(`no answer in ${REACH_SECONDS} s`)),
    REACH_SECONDS * 1000,
  );
  const until = AbortSignal.any([signal, reach.signal]);
  try {
    const { response } = await get(new URL(url), { route: { env }, signal: until, headers: {} });
    clearTimeout(late);
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    const total = Number(response.headers['content-length'] ?? 0);
    let done = 0;
    response.on('data', (/** @type {Buffer} */ chunk) => task.count((done += chunk.length), total, 'bytes'));
    await pipeline(response, createWriteStream(file), { signal: until });
  } finally {
    clearTimeout(late);
  }
  return file;
}

/**
 * By apt, in folders of its own, so that it needs no rights and leaves the system's lists as they are.
 * @param {PrometheusPackage} pin
 * @param {{ work: string, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 */
async function fetchFromDebian({ debian }, { work, env, task, signal }) {
  const fix = `Install Debian's package prometheus, or name one of your own with ${VARIABLE}.`;
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'archives/partial'), { recursive: true });
  const own = [
    '-o',
    `Dir::State::lists=${work}/lists`,
    '-o',
    `Dir::Cache=${work}`,
    '-o',
    'APT::Sandbox::User=',
  ];
  task.show("asking apt for Debian's package");
  await run('apt-get', [...own, '-qq', 'update'], { env, signal, fix });
  await run('apt-get', [...own, '-qq', 'download', `prometheus=${debian}`], { cwd: work, env, signal, fix });
  const file = (await readdir(work)).find((name) => name.endsWith('.deb'));
  if (file) return join(work, file);
  throw new SetupError('apt has fetched nothing', { where: `prometheus=${debian}`, fix });
}
