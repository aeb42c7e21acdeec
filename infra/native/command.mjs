import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, codeOf } from './problem.mjs';

const graceMs = 5_000;
const headLines = 15;
const tailLines = 45;

/**
 * @typedef {object} CommandOptions
 * @property {AbortSignal} [signal] ends the command and everything that it started
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine] every line of standard error, as it comes
 * @property {string} fix what to do when it fails
 */

/** @param {number} group @param {NodeJS.Signals} name */
function signalGroup(group, name) {
  try {
    process.kill(-group, name);
    return true;
  } catch (error) {
    // EPERM comes from a group of which only zombies are left.
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

/**
 * Ends a process group: asks, waits, then kills.
 * @param {number} group
 * @returns {Promise<void>}
 */
export async function endGroup(group) {
  const until = Date.now() + graceMs;
  while (signalGroup(group, 'SIGTERM')) {
    if (Date.now() > until) {
      signalGroup(group, 'SIGKILL');
      return;
    }
    await sleep(100);
  }
}

/**
 * Runs a command in a process group of its own, so that all it starts can be ended with it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<string>} standard output
 * @throws {SetupError} with the first and last lines that it printed, when it fails
 */
export function run(command, args, { signal, cwd, env, onLine, fix }) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {string[]} */
    const head = [];
    /** @type {string[]} */
    const tail = [];
    const keep = (/** @type {string} */ line) => {
      if (line.trim() === '') return;
      if (head.length < headLines) head.push(line.trimEnd());
      else tail.push(line.trimEnd());
      // Programs name the cause first or last; what lies between goes.
      if (tail.length > tailLines) tail.splice(0, 2, '[...]');
    };
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    createInterface({ input: child.stdout }).on('line', keep);
    createInterface({ input: child.stderr }).on('line', (line) => {
      keep(line);
      onLine?.(line);
    });
    /** @type {Promise<void>} */
    let ended = Promise.resolve();
    const abort = () => {
      if (child.pid !== undefined) ended = endGroup(child.pid);
    };
    signal?.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      signal?.removeEventListener('abort', abort);
      const missing = codeOf(error) === 'ENOENT';
      const actual = missing ? 'not found' : error.message;
      reject(
        new SetupError(`${command} could not be started`, { where: command, actual, fix, cause: error }),
      );
    });
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted) {
        ended.then(() => reject(signal.reason), reject);
      } else if (code === 0) {
        resolve(output);
      } else {
        reject(
          new SetupError(`${command} failed`, {
            where: [command, ...args].join(' '),
            expected: 'exit status 0',
            actual: [killedBy ? `ended by ${killedBy}` : `exit status ${code}`, ...head, ...tail].join('\n'),
            fix,
          }),
        );
      }
    });
  });
}

/**
 * What a command prints, or undefined if it is not there or fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>}
 */
export async function ask(command, args, env) {
  try {
    return await run(command, args, { env, signal: AbortSignal.timeout(20_000), fix: '' });
  } catch {
    return undefined;
  }
}
