// Python environments: one with PyTorch, by which golden files and the benchmarks' peers are computed, a small one whose
// readers of tables are asked what they find in ours, and one with Ray Tune, which sweeps are measured beside. Nothing that a
// person runs in production needs them.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeCacheDir } from '../native/cache.mjs';
import { run } from '../native/command.mjs';
import { withLock } from '../native/lock.mjs';

export const LIBRARIES = {
  torch: {
    file: 'requirements.txt',
    what: 'PyTorch, timm and SciPy',
    size: "up to 6 GB on Linux, where pip's PyTorch brings CUDA",
  },
  attacks: {
    file: 'attacks.txt',
    what: 'torchattacks and torchmetrics',
    size: 'some 10 MB',
    // Its packages alone: PyTorch is the other environment's, whatever version they would ask for.
    over: /** @type {const} */ ('torch'),
  },
  tables: { file: 'tables.txt', what: 'PyArrow and DuckDB', size: 'some 250 MB' },
  sweeps: { file: 'sweeps.txt', what: 'Ray Tune', size: 'some 650 MB' },
};

/** @typedef {{ file: string, what: string, size: string, over?: 'torch' }} Library */

/**
 * An environment with pinned libraries, made in the user's cache if it is not there. One process makes it, others wait.
 * @param {{ signal: AbortSignal, say: (line: string) => void, env: NodeJS.ProcessEnv, libraries?: keyof typeof LIBRARIES }} options
 * @returns {Promise<string>} its interpreter
 * @throws {import('../native/problem.mjs').SetupError}
 */
export async function ensurePythonEnvironment({ signal, say, env, libraries = 'torch' }) {
  const { file, what, size, over } = /** @type {Library} */ (LIBRARIES[libraries]);
  const requirements = fileURLToPath(new URL(file, import.meta.url));
  const fix = `Python 3.11 or newer with venv and pip is needed, and a package index that holds ${file}.`;
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
    say(`Waiting for ${holder}, which installs ${what} into ${folder}.`);
  return withLock(`${folder}.lock`, { signal, onWait }, async () => {
    if (existsSync(finished)) return interpreter;
    say(`Installing ${what} into ${folder}: ${size}.`);
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder], { signal, fix });
    const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--requirement', requirements];
    await run(interpreter, over ? [...install, '--no-deps'] : install, { signal, fix });
    if (over) {
      const sitePackages = ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"), end="")'];
      const below = await ensurePythonEnvironment({ signal, say, env, libraries: over });
      const [own, others] = await Promise.all(
        [interpreter, below].map((python) => run(python, sitePackages, { signal, fix })),
      );
      await writeFile(join(own, `${over}.pth`), `${others}\n`);
    }
    // Written last, so that a broken installation is begun anew.
    await writeFile(finished, await run(interpreter, ['-m', 'pip', 'freeze'], { signal, fix }));
    return interpreter;
  });
}
