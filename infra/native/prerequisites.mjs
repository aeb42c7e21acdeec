import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compilerOf } from './addon.mjs';
import { ask } from './command.mjs';
import { parseVersion, reaches } from './servers.mjs';
import { GO_CACHE_BYTES } from './pins.mjs';
import { spaceForLibtensorflow } from './libtensorflow.mjs';

/**
 * What still has to be made, which decides what is needed for it.
 * @typedef {object} Missing
 * @property {boolean} libtensorflow
 * @property {readonly import('./pins.mjs').Server[]} servers
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {boolean} needed for what is still missing
 * @property {boolean} ok
 * @property {string} found
 * @property {string} expected
 * @property {string} fix
 */

/** @type {readonly [number, number]} */
export const NODE_MINIMUM = [20, 19];

/** @returns {string | undefined} version of the C library, where it is glibc */
function glibcVersion() {
  const report = /** @type {{ excludeNetwork?: boolean, getReport: () => object }} */ (process.report);
  // Network interfaces would be looked up by name, which can take seconds.
  report.excludeNetwork = true;
  const { header } = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (report.getReport());
  return header?.glibcVersionRuntime;
}

/** @returns {Omit<Check, 'needed'>} */
function checkNode() {
  return {
    name: 'Node.js',
    ok: reaches(process.versions.node, NODE_MINIMUM),
    found: process.versions.node,
    expected: NODE_MINIMUM.join('.'),
    fix: 'Install Node.js 20 or later (nvm install, or the package of your system).',
  };
}

/** @returns {Omit<Check, 'needed'>} */
function checkPlatform() {
  const glibc = process.platform === 'linux' ? glibcVersion() : undefined;
  const library = glibc ? `glibc ${glibc}` : 'no glibc';
  return {
    name: 'system',
    ok: process.platform === 'linux' && process.arch === 'x64' && reaches(glibc ?? '0', [2, 27]),
    found: `${process.platform} ${process.arch}, ${library}`,
    expected: 'linux x64, glibc 2.27 or later',
    fix: 'The pinned libtensorflow is for Linux on x86-64. Elsewhere name a build of your own with VITRINE_LIBTENSORFLOW_DIR.',
  };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Omit<Check, 'needed'>>} */
async function checkPip(env) {
  const python = parseVersion((await ask('python3', ['--version'], env)) ?? '');
  const pip = python && (await ask('python3', ['-m', 'pip', '--version'], env));
  const pipVersion = /^pip ([\d.]+)/.exec(pip ?? '')?.[1];
  return {
    name: 'Python 3 with pip',
    ok: Boolean(python && pipVersion),
    found: python ? `Python ${python}, ${pipVersion ? `pip ${pipVersion}` : 'no pip'}` : 'no python3',
    expected: 'python3 on PATH whose `python3 -m pip` works',
    fix: 'Debian, Ubuntu: apt install python3 python3-pip; Fedora: dnf install python3 python3-pip; or name libtensorflow with VITRINE_LIBTENSORFLOW_DIR.',
  };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Omit<Check, 'needed'>>} */
async function checkCompiler(env) {
  const said = (await ask(compilerOf(env), ['--version'], env))?.split('\n')[0];
  return {
    name: 'C++ compiler',
    ok: Boolean(said),
    found: said ?? `no ${compilerOf(env)}`,
    expected: 'c++ on PATH, or one named by CXX, that knows C++17',
    fix: 'Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; or name one with CXX.',
  };
}

/**
 * @typedef {{ version: string, toolchain: string, modules: string, build: string }} GoFacts
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<GoFacts | undefined>}
 */
async function askGo(env) {
  const said = await ask('go', ['env', 'GOVERSION', 'GOTOOLCHAIN', 'GOMODCACHE', 'GOCACHE'], env);
  const [version = '', toolchain = '', modules = '', build = ''] = said?.split('\n') ?? [];
  return version.startsWith('go') ? { version: version.slice(2), toolchain, modules, build } : undefined;
}

/** @param {GoFacts | undefined} go @returns {Omit<Check, 'needed'>} */
function checkGo(go) {
  // Since 1.21 Go fetches the newer toolchain that a module asks for, unless it is told not to.
  const fetches = go !== undefined && reaches(go.version, [1, 21]) && go.toolchain !== 'local';
  return {
    name: 'Go',
    ok: go !== undefined && (fetches || reaches(go.version, [1, 25])),
    found: go ? `${go.version}, GOTOOLCHAIN=${go.toolchain}` : 'no go',
    expected: '1.25 or later, or 1.21 or later with GOTOOLCHAIN=auto',
    fix: 'Install Go (go.dev/doc/install, or the package of your system if it is new enough); or name the servers with VITRINE_TEMPORAL_BIN and VITRINE_VERSITYGW_BIN.',
  };
}

/**
 * Every prerequisite with what was found. Those for parts that are there already are looked at but not needed.
 * @param {Missing} missing
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Check[]>}
 */
export async function checkPrerequisites(missing, env) {
  const servers = missing.servers.length > 0;
  const [pip, compiler, go] = await Promise.all([checkPip(env), checkCompiler(env), askGo(env)]);
  return [
    { ...checkNode(), needed: true },
    { ...checkPlatform(), needed: missing.libtensorflow },
    { ...pip, needed: missing.libtensorflow },
    { ...compiler, needed: true },
    { ...checkGo(go), needed: servers },
  ];
}

/**
 * What will be written where. Modules that Go has already are not counted twice.
 * @param {Missing} missing
 * @param {{ cache: string, device: import('./pins.mjs').Device, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<import('./disk.mjs').Need[]>}
 */
export async function spaceNeeds(missing, { cache, device, env }) {
  /** @type {import('./disk.mjs').Need[]} */
  const needs = [];
  if (missing.libtensorflow) {
    const bytes = spaceForLibtensorflow(device);
    needs.push({ what: 'libtensorflow', path: cache, bytes, variable: 'VITRINE_CACHE_DIR' });
  }
  const go = missing.servers.length > 0 ? await askGo(env) : undefined;
  if (go) {
    const cold = missing.servers.some(
      ({ module, version }) => !existsSync(join(go.modules, `${module}@v${version}`)),
    );
    const bytes = cold ? GO_CACHE_BYTES : { modules: 0, build: 0 };
    needs.push({ what: 'Go modules', path: go.modules, bytes: bytes.modules, variable: 'GOMODCACHE' });
    needs.push({ what: 'the Go build', path: go.build, bytes: bytes.build, variable: 'GOCACHE' });
    needs.push({ what: 'the servers', path: cache, bytes: 250_000_000, variable: 'VITRINE_CACHE_DIR' });
  }
  return needs;
}
