import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endGroup } from '../native/command.mjs';

/** What asks a program to stop. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {{ name: string, run: () => Promise<Count> }} Step
 */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code; 128 when ended by a signal
 */
export function execute(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 128));
  });
}

/** Five times what the longest project takes on two busy cores: what is not over by then hangs. */
const PROJECT_MINUTES = 40;

/**
 * As `execute`, in a process group of its own that is ended when it takes too long, or when this process is to stop: a test
 * that holds its thread, or a server that does not end, is beyond what the test runner can stop.
 * @param {number} milliseconds
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code; 128 when ended by a signal
 */
export function executeWithin(milliseconds, command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', detached: true });
    const end = async () => {
      if (child.pid !== undefined) await endGroup(child.pid);
    };
    const late = setTimeout(() => {
      process.stdout.write(`${command} ${args.join(' ')}: not over after ${milliseconds / 1000} s, ended\n`);
      void end();
    }, milliseconds);
    const stop = () => void end().then(() => process.exit(1));
    for (const signal of SIGNALS) process.once(signal, stop);
    const settle = () => {
      clearTimeout(late);
      for (const signal of SIGNALS) process.off(signal, stop);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code) => {
      settle();
      resolve(code ?? 128);
    });
  });
}

/**
 * A step that is one check: right or wrong.
 * @param {string} name
 * @param {readonly (readonly string[])[]} commands
 * @returns {Step}
 */
export function check(name, commands) {
  return {
    name,
    run: async () => {
      for (const [command, ...args] of commands) {
        if (command !== undefined && (await execute(command, args)) !== 0) return { passed: 0, failed: 1 };
      }
      return { passed: 1, failed: 0 };
    },
  };
}

/**
 * All tests of one vitest project. A crash of the runner and an empty run both count as a failure.
 * @param {string} project
 * @returns {Step}
 */
export function tests(project) {
  return {
    name: `${project} tests`,
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'vitrine-tests-'));
      const output = join(folder, 'report.json');
      try {
        const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${output}`];
        const command = ['vitest', 'run', '--project', project, ...reporters];
        const code = await executeWithin(PROJECT_MINUTES * 60_000, 'npx', command);
        const report = JSON.parse(readFileSync(output, 'utf8'));
        const skipped = report.numPendingTests + report.numTodoTests;
        const broken = code !== 0 && report.numFailedTests === 0;
        if (skipped > 0)
          process.stdout.write(`${skipped} tests of ${project} were skipped: counted as failed\n`);
        if (report.numTotalTests === 0) process.stdout.write(`${project} ran no test\n`);
        return {
          passed: report.numPassedTests,
          failed: report.numFailedTests + skipped + (broken || report.numTotalTests === 0 ? 1 : 0),
        };
      } catch (error) {
        process.stdout.write(`${project}: the test runner left no report: ${String(error)}\n`);
        return { passed: 0, failed: 1 };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export const checks = [
  check('format', [['npx', 'prettier', '--check', '--log-level', 'warn', '.']]),
  // The Nx rule is skipped, with a mere warning, while there is no cached project graph.
  check('lint', [
    ['npx', 'nx', 'show', 'projects', '--json'],
    ['npx', 'eslint', '.'],
  ]),
  check('types', [
    ['npx', 'tsc', '-p', 'tsconfig.json'],
    // The page runs in a browser, whose globals no other part has.
    ['npx', 'tsc', '-p', 'apps/web/tsconfig.json'],
  ]),
  check('generated documents are fresh', [['node', 'infra/docs/generate.mjs', '--check']]),
];

/**
 * Runs the steps one after another and prints the closing line `N passed, N failed`.
 * @param {readonly Step[]} steps
 * @returns {Promise<void>}
 */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0 };
  for (const step of steps) {
    process.stdout.write(`\n== ${step.name}\n`);
    const started = Date.now();
    const count = await step.run();
    total.passed += count.passed;
    total.failed += count.failed;
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    process.stdout.write(`== ${step.name}: ${count.passed} passed, ${count.failed} failed in ${seconds} s\n`);
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}
