// The Python environment with PyTorch: what the golden files and the benchmarks' peers are computed with. Nothing that a
// person runs in production needs it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeCacheDir } from '../native/cache.mjs';
import { run } from '../native/command.mjs';
import { withLock } from '../native/lock.mjs';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const fix =
  'Python 3.11 or newer with venv and pip is needed, and a package index that holds requirements.txt.';

/**
 * The environment with the pinned libraries, made in the user's cache if it is not there. One process makes it, others wait.
 * @param {{ signal: AbortSignal, say: (line: string) => void, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} its interpreter
 * @throws {import('../native/problem.mjs').SetupError}
 */
export async function ensurePythonEnvironment({ signal, say, env }) {
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(dirname(nativeCacheDir(env)), `python-${digest}`);
  const interpreter = join(folder, 'bin', 'python');
  const finished = join(folder, 'finished');
  if (existsSync(finished)) return interpreter;
  await mkdir(dirname(folder), { recursive: true });
  const onWait = (/** @type {string} */ holder) =>
    say(`Waiting for ${holder}, which installs PyTorch into ${folder}.`);
  return withLock(`${folder}.lock`, { signal, onWait }, async () => {
    if (existsSync(finished)) return interpreter;
    say(
      `Installing PyTorch, timm and SciPy into ${folder}: up to 6 GB on Linux, where pip's PyTorch brings CUDA.`,
    );
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder], { signal, fix });
    const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--requirement', requirements];
    await run(interpreter, install, { signal, fix });
    // Written last, so that a broken installation is begun anew.
    await writeFile(finished, await run(interpreter, ['-m', 'pip', 'freeze'], { signal, fix }));
    return interpreter;
  });
}
