// `npm start`: sets up what is missing, builds, brings the stack up and runs the quick pipeline.
// `npm start -- --setup-only` stops before the run; other arguments go to `vitrine quickstart`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../native/command.mjs';
import { setUpNative } from '../native/install.mjs';
import { NODE_MINIMUM } from '../native/prerequisites.mjs';
import { SetupError, describeProblem } from '../native/problem.mjs';
import { createProgress, duration } from '../native/progress.mjs';
import { reaches } from '../native/servers.mjs';
import { stoppable } from '../native/stoppable.mjs';
import { installPackages, npmCommand } from './packages.mjs';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const { env } = process;

/** @typedef {import('../native/progress.mjs').Progress} Progress */

function assertNode() {
  if (reaches(process.versions.node, NODE_MINIMUM)) return;
  throw new SetupError('This Node.js is too old', {
    where: process.execPath,
    expected: `${NODE_MINIMUM.join('.')} or later`,
    actual: process.versions.node,
    fix: 'Install Node.js 20 or later (nvm install, or the package of your system).',
  });
}

/**
 * The npm packages and the native parts, side by side. When one fails the other is ended and waited for.
 * @param {Progress} progress
 * @param {AbortSignal} outer
 */
async function install(progress, outer) {
  const failure = new AbortController();
  const signal = AbortSignal.any([outer, failure.signal]);
  const modules = installPackages({ workspace, env, progress, signal });
  const native = setUpNative({ workspace, env, progress, signal, modules });
  await Promise.all([modules, native].map((work) => work.catch((error) => failure.abort(error))));
  signal.throwIfAborted();
}

/** @param {Progress} progress @param {AbortSignal} signal */
async function build(progress, signal) {
  const task = progress.start('build');
  try {
    const { command, args } = npmCommand(env);
    await run(command, [...args, 'run', 'build', '--', '--output-style=static'], {
      cwd: workspace,
      // No daemon is left behind, and all that Nx starts stays in the process group that a stop ends.
      env: { ...env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NATIVE_COMMAND_RUNNER: 'false' },
      signal,
      fix: 'Read what the build says. A fresh clone builds: look at what was changed since.',
    });
    task.done('done');
  } finally {
    task.drop();
  }
}

/** @param {AbortSignal} signal */
async function setUp(signal) {
  const progress = createProgress(process.stderr);
  try {
    await install(progress, signal);
    await build(progress, signal);
  } catch (error) {
    if (signal.aborted)
      progress.say('Stopped. What was fetched and built is kept: a second start goes on there.');
    throw error;
  } finally {
    progress.close();
  }
}

/**
 * The command in a session of its own: the terminal and npm may each deliver one Ctrl-C, from here it comes once.
 * @param {readonly string[]} args
 * @param {AbortSignal} signal
 * @returns {Promise<number>} exit code
 */
function quickstart(args, signal) {
  return new Promise((resolve, reject) => {
    const command = join(workspace, 'apps', 'cli', 'bin', 'vitrine.mjs');
    const child = spawn(process.execPath, [command, 'quickstart', ...args], {
      cwd: workspace,
      detached: true,
      stdio: 'inherit',
    });
    let last = Number.NEGATIVE_INFINITY;
    const stop = () => {
      if (performance.now() - last < 1_000) return;
      last = performance.now();
      child.kill('SIGINT');
    };
    signal.addEventListener('abort', stop, { once: true });
    // A later Ctrl-C is passed on too: the command may take it as a wish for haste.
    process.on('SIGINT', stop);
    child.once('error', reject);
    child.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      process.off('SIGINT', stop);
      resolve(code ?? 1);
    });
  });
}

await stoppable(
  async (signal) => {
    const args = process.argv.slice(2);
    assertNode();
    const started = performance.now();
    await setUp(signal);
    const took = `set-up ${duration(performance.now() - started)}`;
    if (args.includes('--setup-only')) {
      process.stdout.write(`Everything is in place: ${took}.\n`);
      return 0;
    }
    signal.throwIfAborted();
    const begun = performance.now();
    const code = await quickstart(args, signal);
    if (!signal.aborted) process.stdout.write(`Took: ${took}, run ${duration(performance.now() - begun)}.\n`);
    return code;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
