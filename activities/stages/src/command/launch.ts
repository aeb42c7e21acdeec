import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { THREADS_VARIABLE } from '@vitrine/backend/environment';
import type { Environment } from '@vitrine/config';
import { fillPlaceholders, VitrineError, type ProgramJob, type StageParams } from '@vitrine/contracts';
import type { AttemptFolder } from './attempt-folder.js';
import type { ProgramStart } from './program.js';

/** What a program gets of the worker's environment. Keys of the store and of the API are not among it. */
const PASSED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|XDG_CACHE_HOME|(HTTPS?|NO)_PROXY|(https?|no)_proxy)$/;
/** Of the client of the container engine, besides. */
const ENGINE = /^(DOCKER_\w+|CONTAINER_\w+|XDG_\w+)$/;

const ENGINES = ['docker', 'podman'];

export interface LaunchOptions {
  readonly params: StageParams<'command'>;
  readonly job: ProgramJob;
  readonly folder: AttemptFolder;
  /** Declared variables with their values, secrets included. */
  readonly declared: Readonly<Record<string, string>>;
  readonly worker: Environment;
  readonly mark: string;
}

/**
 * How the program is started: in this machine's system, in a virtual environment, or in a container.
 * @throws VitrineError NotFound when the environment or an engine for containers is not there
 */
export function launchOf(options: LaunchOptions): ProgramStart {
  const { params, folder, mark } = options;
  const argv = params.argv.map((argument) => fillPlaceholders(argument, placeholders(options)));
  const own = { ...stageVariables(options), ...options.declared };
  if (params.image !== undefined) return inContainer(argv, own, options);
  const environment = { ...passed(options.worker, PASSED), ...own };
  const { python } = params;
  if (python === undefined) return { argv, cwd: folder.work, environment, mark };
  if (!existsSync(join(python, 'bin', 'python')))
    throw new VitrineError('NotFound', 'The virtual environment is not there.', {
      where: 'params.python',
      expected: 'a folder with bin/python on every worker of the pool',
      actual: python,
      hint: `Make it with \`python3 -m venv ${python}\`, or correct the path.`,
    });
  const path = [join(python, 'bin'), environment['PATH'] ?? ''].join(delimiter);
  return { argv, cwd: folder.work, environment: { ...environment, VIRTUAL_ENV: python, PATH: path }, mark };
}

function placeholders({ job, folder }: LaunchOptions): ReadonlyMap<string, string> {
  const named = (kind: string, paths: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(paths).map(([name, path]) => [`${kind}.${name}`, path]);
  return new Map([
    ...named('inputs', job.inputs),
    ...named('outputs', job.outputs),
    ['params', folder.paramsFile],
    ['seed', String(job.seed)],
  ]);
}

/**
 * Threads as the pool has them, and a fixed seed for Python's hashes: both would else decide bytes. Threads that wait do it
 * asleep: spinning ones take the processors from the stages beside them, and have slowed a step fiftyfold.
 */
function stageVariables({ folder, worker }: LaunchOptions): Record<string, string> {
  return {
    OMP_NUM_THREADS: worker[THREADS_VARIABLE] ?? '1',
    OMP_WAIT_POLICY: 'PASSIVE',
    PYTHONHASHSEED: '0',
    PYTHONUNBUFFERED: '1',
    VITRINE_STAGE: folder.jobFile,
  };
}

/** Folders lie at the same paths inside. Values of variables are handed on by name: arguments are seen by everybody. */
function inContainer(
  argv: readonly string[],
  own: Readonly<Record<string, string>>,
  { params, folder, worker, mark }: LaunchOptions,
): ProgramStart {
  const engine = findEngine(worker);
  if (engine === undefined)
    throw new VitrineError('NotFound', 'There is nothing to run a container with.', {
      where: 'params.image',
      expected: `${ENGINES.join(' or ')} on the PATH of the worker`,
      actual: 'neither',
      hint: 'Install one of them on the workers of the pool, or run the program without an image.',
    });
  const name = `vitrine-${mark}`;
  const [program = '', ...args] = argv;
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return {
    argv: [
      ...[engine, 'run', '--rm', '--interactive', '--init', '--name', name, '--user', user],
      ...['--volume', `${folder.root}:${folder.root}`, '--volume', `${folder.inputs}:${folder.inputs}:ro`],
      ...['--workdir', folder.work, ...Object.keys(own).flatMap((variable) => ['--env', variable])],
      ...['--entrypoint', program, params.image ?? '', ...args],
    ],
    cwd: folder.work,
    environment: { ...passed(worker, PASSED), ...passed(worker, ENGINE), ...own },
    mark,
    cleanup: [engine, 'rm', '--force', name],
  };
}

function passed(worker: Environment, pattern: RegExp): Environment {
  return Object.fromEntries(Object.entries(worker).filter(([name]) => pattern.test(name)));
}

function findEngine({ PATH = '' }: Environment): string | undefined {
  const places = ENGINES.flatMap((engine) => PATH.split(delimiter).map((folder) => join(folder, engine)));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
