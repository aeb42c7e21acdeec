// `npm start`: sets up what is missing, builds, brings the stack up and runs the quick pipeline.
// `npm start -- --setup-only` stops before the run; other arguments go to `vitrine quickstart`.
import { spawn } from 'node:child_process';
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

/**
 * The command in a session of its own: whatever the terminal and npm deliver, it gets each signal once, from here.
 * @param {readonly string[]} args
 * @param {AbortSignal} signal
 * @returns {Promise<number>} exit code
 */
function quickstart(args, signal) {
  return new Promise((resolve, reject) => {
    const command = fileURLToPath(new URL('apps/cli/bin/vitrine.mjs', `file://${workspace}`));
    const child = spawn(process.execPath, [command, 'quickstart', ...args], {
      cwd: workspace,
      detached: true,
      stdio: 'inherit',
    });
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 1);
    });
  });
}

await stoppable(
  async (signal) => {
    const args = process.argv.slice(2);
    const setupOnly = args.includes('--setup-only');
    assertNode();
    const started = performance.now();
    const progress = createProgress(process.stderr);
    try {
      await install(progress, signal);
      await build(progress, signal);
    } finally {
      progress.close();
    }
    const setUp = `set-up ${duration(performance.now() - started)}`;
    if (setupOnly) {
      process.stdout.write(`Everything is in place: ${setUp}.\n`);
      return 0;
    }
    const begun = performance.now();
    const code = await quickstart(args, signal);
    process.stdout.write(`Took: ${setUp}, run ${duration(performance.now() - begun)}.\n`);
    return code;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
