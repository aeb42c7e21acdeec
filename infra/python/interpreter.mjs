// `node infra/python/interpreter.mjs [LIBRARIES]`: prints the interpreter of a Python environment, that with PyTorch if none is
// named, which it makes if it is not there.
import { describeProblem } from '../native/problem.mjs';
import { stoppable } from '../native/stoppable.mjs';
import { ensurePythonEnvironment, LIBRARIES } from './environment.mjs';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/**
 * @param {string} name
 * @returns {name is keyof typeof LIBRARIES}
 */
const isKnown = (name) => Object.hasOwn(LIBRARIES, name);

await stoppable(
  async (signal) => {
    const [libraries = 'torch'] = process.argv.slice(2);
    if (!isKnown(libraries)) {
      say(`expected one of ${Object.keys(LIBRARIES).join(', ')}, got ${libraries}`);
      return 2;
    }
    process.stdout.write(`${await ensurePythonEnvironment({ signal, say, env: process.env, libraries })}\n`);
    return 0;
  },
  (error) => say(describeProblem(error)),
);
