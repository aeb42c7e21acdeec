// `npm run goldens`: computes the golden files anew with timm, PyTorch, torchattacks, SciPy, PyArrow and DuckDB, in Python environments of
// its own in the user's cache. Tests do not need it: they read the committed files.
import { fileURLToPath } from 'node:url';
import { run } from '../native/command.mjs';
import { describeProblem } from '../native/problem.mjs';
import { stoppable } from '../native/stoppable.mjs';
import { ensurePythonEnvironment } from '../python/environment.mjs';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const generators = /** @type {const} */ ({
  torch: 'generate.py',
  attacks: 'attacks.py',
  tables: 'tables.py',
});

await stoppable(
  async (signal) => {
    const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
    for (const libraries of /** @type {(keyof typeof generators)[]} */ (Object.keys(generators))) {
      const interpreter = await ensurePythonEnvironment({ signal, say, env: process.env, libraries });
      const generator = fileURLToPath(new URL(generators[libraries], import.meta.url));
      const output = await run(interpreter, [generator, workspace], {
        signal,
        fix: 'Read what Python says above.',
      });
      process.stdout.write(output);
    }
    return 0;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
