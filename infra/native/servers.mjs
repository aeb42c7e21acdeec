import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { ensureEntry, findEntry } from './cache.mjs';
import { ask, run } from './command.mjs';
import { sha256OfFile } from './download.mjs';
import { SetupError } from './problem.mjs';

/**
 * @typedef {import('./pins.mjs').Server} Server
 * @typedef {{ path: string, version: string, source: 'env' | 'path' | 'built' }} FoundServer
 */

// Without C and without local paths the same sources give the same bytes wherever they are built; symbols are half the size.
/** @param {Server} server */
const buildFlags = ({ versionSymbol, version }) => [
  '-trimpath',
  `-ldflags=-s -w -X ${versionSymbol}=${version}`,
];

/** @param {Server} server */
function entryName(server) {
  const recipe = [
    server.command,
    server.version,
    server.sum,
    buildFlags(server),
    process.platform,
    process.arch,
  ];
  const digest = createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
  return `${server.name}-${server.version}-${digest.slice(0, 12)}`;
}

/**
 * The first `1.2.3` of what `--version` prints.
 * @param {string} text
 * @returns {string | undefined}
 */
export const parseVersion = (text) => /(\d+\.\d+\.\d+)/.exec(text)?.[1];

/**
 * @param {string} version
 * @param {readonly [number, number]} minimum major and minor
 * @returns {boolean}
 */
export function reaches(version, [major, minor]) {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** @param {string} path @returns {Promise<boolean>} */
const isExecutable = (path) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
export async function findOnPath(name, env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = folder && join(folder, name);
    if (path && (await isExecutable(path))) return path;
  }
  return undefined;
}

/**
 * What is there already: the one that the environment names, one on PATH that is new enough, the one built before.
 * @param {Server} server
 * @param {{ cache: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<FoundServer | undefined>}
 * @throws {SetupError} when the environment names something that does not run
 */
export async function findServer(server, { cache, env }) {
  const named = env[server.variable];
  if (named) {
    const path = resolve(named);
    const said = await ask(path, ['--version'], env);
    if (said !== undefined) return { path, version: parseVersion(said) ?? 'unknown', source: 'env' };
    throw new SetupError(`${server.variable} names a program that does not run`, {
      where: path,
      expected: `${server.binary} ${server.version} or a later one that answers --version`,
      actual: (await isExecutable(path)) ? 'it fails' : 'no such program',
      fix: `Correct ${server.variable}, or unset it to have version ${server.version} built.`,
    });
  }
  const path = await findOnPath(server.binary, env);
  const version = path && parseVersion((await ask(path, ['--version'], env)) ?? '');
  if (path && version && reaches(version, server.minimum)) return { path, version, source: 'path' };
  const entry = await findEntry(cache, entryName(server));
  return entry && { path: join(entry.dir, server.binary), version: server.version, source: 'built' };
}

/**
 * Builds the pinned version from the Go module proxy. What Go fetched and compiled stays in its own caches, so a
 * build that broke off is gone on with.
 * @param {Server} server
 * @param {{ cache: string, env: NodeJS.ProcessEnv, task: import('./progress.mjs').Task, signal: AbortSignal }} options
 * @returns {Promise<FoundServer>}
 */
export async function buildServer(server, { cache, env, task, signal }) {
  const { command, version, binary, packages } = server;
  const entry = await ensureEntry(cache, {
    name: entryName(server),
    signal,
    onWait: (holder) => task.note(`${holder} is building it already, waiting`),
    make: async (staging) => {
      task.note(`building ${command}@v${version}: about ${packages} packages from the Go module proxy`);
      const work = join(staging, 'work');
      await mkdir(work);
      let fetched = 0;
      let compiled = 0;
      await run('go', ['install', '-v', ...buildFlags(server), `${command}@v${version}`], {
        cwd: work,
        env: { ...env, CGO_ENABLED: '0', GOBIN: staging, GOWORK: 'off' },
        signal,
        fix: 'Read what Go says; with a network failure start again: what was fetched and compiled is kept.',
        onLine: (line) => {
          if (line.startsWith('go: downloading')) fetched += 1;
          else if (!line.startsWith('go: ')) compiled += 1;
          if (compiled === 0) task.show(`${fetched} modules fetched`);
          else task.count(compiled, packages, 'packages');
        },
      });
      await rm(work, { recursive: true });
      return inspectBuild(server, join(staging, binary), env);
    },
  });
  return { path: join(entry.dir, binary), version, source: 'built' };
}

/**
 * Proves that the program is what was pinned, and that it runs.
 * @param {Server} server
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<string, string>>}
 */
async function inspectBuild(server, file, env) {
  const details = (await ask('go', ['version', '-m', file], env)) ?? '';
  const [, version, sum] =
    new RegExp(`^\\tmod\\t${server.module}\\t(\\S+)\\t(\\S+)`, 'm').exec(details) ?? [];
  if (version !== `v${server.version}` || sum !== server.sum) {
    throw new SetupError('Go built another module than the pinned one', {
      where: server.command,
      expected: `v${server.version} ${server.sum}`,
      actual: `${version ?? 'no version'} ${sum ?? 'without a sum'}`,
      fix: 'The Go module proxy in use serves something else: check GOPROXY, GONOSUMDB and GOFLAGS with `go env`.',
    });
  }
  await run(file, ['--version'], { fix: 'The program was built but does not run here: please report it.' });
  const toolchain = details.slice(details.indexOf(': ') + 2, details.indexOf('\n'));
  return { version: server.version, sum, toolchain, sha256: await sha256OfFile(file) };
}
