// `node infra/python/interpreter.mjs`: prints the interpreter of the Python environment, which it makes if it is not there.
import { describeProblem } from '../native/problem.mjs';
import { stoppable } from '../native/stoppable.mjs';
import { ensurePythonEnvironment } from './environment.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

await stoppable(
  async (signal) => {
    process.stdout.write(`${await ensurePythonEnvironment({ signal, say, env: process.env })}\n`);
    return 0;
  },
  (error) => say(describeProblem(error)),
);
