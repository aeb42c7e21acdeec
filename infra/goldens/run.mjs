// `npm run goldens`: computes the golden files anew with timm, PyTorch and SciPy, in a Python environment of its own in the
// user's cache. Tests do not need it: they read the committed files.
import { fileURLToPath } from 'node:url';
import { run } from '../native/command.mjs';
import { describeProblem } from '../native/problem.mjs';
import { stoppable } from '../native/stoppable.mjs';
import { ensurePythonEnvironment } from '../python/environment.mjs';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const generator = fileURLToPath(new URL('generate.py', import.meta.url));

await stoppable(
  async (signal) => {
    const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
    const interpreter = await ensurePythonEnvironment({ signal, say, env: process.env });
    const output = await run(interpreter, [generator, workspace], {
      signal,
      fix: 'Read what Python says above.',
    });
    process.stdout.write(output);
    return 0;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
