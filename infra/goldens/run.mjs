// `npm run goldens`: computes the golden files anew with timm, PyTorch and SciPy, in a Python environment of its own in the
// user's cache. Tests do not need it: they read the committed files.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeCacheDir } from '../native/cache.mjs';
import { run } from '../native/command.mjs';
import { describeProblem } from '../native/problem.mjs';
import { stoppable } from '../native/stoppable.mjs';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const generator = fileURLToPath(new URL('generate.py', import.meta.url));

/**
 * The Python environment with the pinned libraries, made if it is not there.
 * @param {AbortSignal} signal
 * @returns {Promise<string>} its interpreter
 */
async function ensureEnvironment(signal) {
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(dirname(nativeCacheDir(process.env)), `goldens-${digest}`);
  const interpreter = join(folder, 'bin', 'python');
  const finished = join(folder, 'finished');
  if (existsSync(finished)) return interpreter;
  process.stderr.write(
    `Installing PyTorch, timm and SciPy into ${folder}: up to 6 GB on Linux, where pip's PyTorch brings CUDA.\n`,
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  const fix =
    'Python 3.11 or newer with venv and pip is needed, and a package index that holds requirements.txt.';
  await run('python3', ['-m', 'venv', folder], { signal, fix });
  const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--requirement', requirements];
  await run(interpreter, install, { signal, fix });
  const installed = await run(interpreter, ['-m', 'pip', 'freeze'], { signal, fix });
  // Written last, so that a broken installation is begun anew.
  await writeFile(finished, installed);
  return interpreter;
}

await stoppable(
  async (signal) => {
    const interpreter = await ensureEnvironment(signal);
    const output = await run(interpreter, [generator, workspace], {
      signal,
      fix: 'Read what Python says above.',
    });
    process.stdout.write(output);
    return 0;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
