import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../native/command.mjs';
import { checkSpace } from '../native/disk.mjs';

const installedBytes = 950_000_000;

/**
 * @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} LockFile
 */

/**
 * Why what is installed is not what the lock file says, or undefined if it is. Optional packages for other systems are
 * rightly absent.
 * @param {LockFile} wanted package-lock.json
 * @param {LockFile} installed npm's own record in node_modules
 * @returns {string | undefined}
 */
export function staleReason(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue;
    const found = installed.packages?.[path];
    if (!found && entry.optional) continue;
    if (!found) return `${path} is not installed`;
    if (entry.link) continue;
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${path} is ${found.version}, the lock file says ${entry.version}`;
    }
  }
  return undefined;
}

/** @param {string} file @returns {Promise<LockFile | undefined>} */
async function readLock(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * npm as it was called, else the one on PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ command: string, args: string[] }}
 */
export function npmCommand(env) {
  const script = env.npm_execpath;
  return script && /npm-cli\.c?js$/.test(script)
    ? { command: process.execPath, args: [script] }
    : { command: 'npm', args: [] };
}

/**
 * Installs the npm packages of the lock file, if they are not installed already.
 * @param {{ workspace: string, env: NodeJS.ProcessEnv, progress: import('../native/progress.mjs').Progress, signal: AbortSignal }} options
 * @returns {Promise<void>}
 */
export async function installPackages({ workspace, env, progress, signal }) {
  const wanted = await readLock(join(workspace, 'package-lock.json'));
  const installed = await readLock(join(workspace, 'node_modules', '.package-lock.json'));
  const reason = installed ? staleReason(wanted ?? {}, installed) : 'node_modules is not there';
  if (reason === undefined) return;
  const task = progress.start('npm packages');
  try {
    await checkSpace([{ what: 'the npm packages', path: workspace, bytes: installedBytes, variable: '' }]);
    const count = Object.keys(wanted?.packages ?? {}).length;
    task.note(`npm ci, about ${count} packages: ${reason}`);
    const { command, args } = npmCommand(env);
    await run(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: workspace,
      env,
      signal,
      fix: 'Read what npm says; with a network failure start again, packages that were fetched are kept in its cache.',
    });
    task.done('installed');
  } finally {
    task.drop();
  }
}
