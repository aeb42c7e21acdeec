import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { THREADS_VARIABLE } from '@vitrine/backend/environment';
import { describeGpus, describeProcessor } from '@vitrine/backend/processor';
import type { Environment } from '@vitrine/config';
import { NO_PROFILE, VitrineError, type NumericsProfile, type StageParams } from '@vitrine/contracts';

type Params = Pick<StageParams<'command'>, 'argv' | 'python' | 'image'>;

/**
 * What the bytes of a program depend on besides its source, arguments, inputs and seed, as far as a worker can tell: what it
 * runs in, the class of the device, and the threads it is told to use. Precision and execution are its own matter.
 * @throws VitrineError NotFound when its virtual environment is not there
 */
export function commandProfile(params: Params, environment: Environment): NumericsProfile {
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  return {
    ...NO_PROFILE,
    build: surroundings(params, environment),
    device: visible === undefined || visible === '-1' ? describeProcessor() : describeGpus(),
    threads: Number(environment[THREADS_VARIABLE] ?? 1),
  };
}

/**
 * Of a program that went on from a checkpoint of other surroundings: it is let do so, since only it knows what that means,
 * and what it gives is found by nobody who asks for the one or the other.
 */
export function continuedProfile(before: NumericsProfile | undefined, now: NumericsProfile): NumericsProfile {
  if (!before || JSON.stringify(before) === JSON.stringify(now)) return now;
  return { ...now, build: `${now.build}, after ${before.build} on ${before.device}` };
}

function surroundings({ argv, python, image }: Params, { PATH = '' }: Environment): string {
  // One with a digest is what it says; another may be a different one tomorrow, which its name does not tell.
  if (image !== undefined) return `image ${image}`;
  if (python !== undefined) return `python ${lockOf(python)}`;
  return `system ${programOf(argv[0] ?? '', PATH)}`;
}

/** Version of the interpreter, and digest of the names and versions of everything that is installed. */
function lockOf(folder: string): string {
  if (!existsSync(join(folder, 'bin', 'python')))
    throw new VitrineError('NotFound', 'The virtual environment is not there.', {
      where: 'params.python',
      expected: 'a folder with bin/python on every worker of the pool',
      actual: folder,
      hint: `Make it with \`python3 -m venv ${folder}\`, or correct the path.`,
    });
  const config = join(folder, 'pyvenv.cfg');
  const written = existsSync(config) ? readFileSync(config, 'utf8') : '';
  // An environment of conda has the interpreter among what is installed.
  const version = /^version(?:_info)?\s*=\s*(\S+)/m.exec(written)?.[1] ?? 'without version';
  const conda = namesIn(join(folder, 'conda-meta')).filter((name) => name.endsWith('.json'));
  const installed = [...conda, ...['lib', 'lib64'].flatMap((lib) => distributionsIn(join(folder, lib)))];
  const lock = createHash('sha256').update([...new Set(installed)].sort().join('\n'));
  return `${version} lock ${lock.digest('hex')}`;
}

function distributionsIn(lib: string): string[] {
  const pythons = namesIn(lib).filter((name) => name.startsWith('python'));
  return pythons.flatMap((python) =>
    namesIn(join(lib, python, 'site-packages')).filter((name) => /\.(dist-info|egg-info)$/.test(name)),
  );
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Digest of the program that the first argument names, unless it lies in the source, which has a digest of its own. */
function programOf(name: string, path: string): string {
  if (name.includes('/') && !name.startsWith('/')) return 'of its source';
  const places = name.startsWith('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  const file = places.find((place) => existsSync(place) && statSync(place).isFile());
  if (file === undefined) return 'unknown';
  return createHash('sha256')
    .update(readFileSync(realpathSync(file)))
    .digest('hex');
}
