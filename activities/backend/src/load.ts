/** The one place that loads the native addon. */
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { eagerExecutor, type ProgramExecutor } from '@vitrine/ml-tensor';
import { BackendError } from './backend-error.js';
import { graphExecutor } from './capture/graph-executor.js';
import { isNodeBackend, type NodeBackend } from './capture/node-backend.js';
import { KERNEL_SWITCHES, THREADS_VARIABLE } from './environment.js';
import { refuseSlowHalves } from './half-precision.js';
import { libraryDigest, loadedLibraries, type RecordedLibrary } from './library-build.js';
import { describeGpus, describeProcessor } from './processor.js';
import { registerOrderingKernel } from './ordering.js';
import { registerRandomKernels } from './stateless-random.js';

/** What the bits of a result depend on; structurally the contract's `NumericsProfile`. */
export interface BackendProfile {
  readonly build: string;
  readonly device: string;
  readonly threads: number;
  readonly precision: 'float32' | 'bfloat16' | 'float16';
  readonly execution: 'captured' | 'eager';
}

/** What is chosen of a profile; structurally the contract's `NumericsChoice`. */
export type BackendChoice = Pick<BackendProfile, 'threads' | 'precision' | 'execution'>;

export interface LoadOptions extends BackendChoice {
  /** What set-up recorded; saves hashing the library. */
  readonly library?: RecordedLibrary;
}

// These variables are libtensorflow's own, not Vitrine's configuration, and it reads them from nowhere else.
// eslint-disable-next-line no-restricted-properties
const environment = process.env;

/** The number of threads that libtensorflow takes: its variable, else one per processor. */
function effectiveThreads(): number {
  const given = Number(environment[THREADS_VARIABLE]);
  return Number.isInteger(given) && given > 0 ? given : availableParallelism();
}

function checkThreads(threads: number): void {
  const actual = effectiveThreads();
  if (threads === actual) return;
  throw new BackendError('The numeric backend runs with another number of threads', {
    where: THREADS_VARIABLE,
    expected: `${threads}`,
    actual: environment[THREADS_VARIABLE] ?? `unset, which means ${actual}`,
    hint: 'Start the process with the variables of backendEnvironment().',
  });
}

async function loadAddon(): Promise<void> {
  try {
    await import('@tensorflow/tfjs-node-gpu');
  } catch (cause) {
    const [firstLine = ''] = String(cause instanceof Error ? cause.message : cause).split('\n');
    throw new BackendError('The numeric backend could not be loaded', {
      where: '@tensorflow/tfjs-node-gpu',
      expected: 'its native addon with libtensorflow',
      actual: firstLine,
      hint: 'Run `npm start -- --setup-only`, which obtains and builds what is native.',
      cause,
    });
  }
}

/** @throws BackendError if the native library does not compute */
function checkAnswer(): NodeBackend {
  const backend: unknown = tf.backend();
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([[2, 3]]), tf.tensor2d([[5], [7]])).dataSync()[0]);
  if (isNodeBackend(backend) && product === 31) return backend;
  throw new BackendError('The numeric backend answers wrongly', {
    where: `backend '${tf.getBackend()}'`,
    expected: "'tensorflow', with [2 3] · [5 7] = 31",
    actual: `'${tf.getBackend()}', with ${product}`,
    hint: 'Run `npm start -- --setup-only`, which builds the native addon and proves that it computes.',
  });
}

/**
 * Loads libtensorflow, unless this process has it already; says what its results depend on, and gives what runs programs
 * on it.
 *
 * The variables of `backendEnvironment` belong into the environment that the process was started with.
 * @throws BackendError if the addon is missing, does not compute, runs with another number of threads, or lacks the precision
 */
export async function loadBackend(
  options: LoadOptions,
): Promise<{ profile: BackendProfile; executor: ProgramExecutor; computesOn: 'cpu' | 'cuda' }> {
  const { threads, precision, execution, library } = options;
  checkThreads(threads);
  await loadAddon();
  const backend = checkAnswer();
  registerOrderingKernel();
  registerRandomKernels();
  const digest = await libraryDigest(loadedLibraries(), library);
  const switches = KERNEL_SWITCHES.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const device = backend.isUsingGpuDevice ? describeGpus() : describeProcessor();
  if (precision === 'float16' && !backend.isUsingGpuDevice) refuseSlowHalves(device);
  return {
    profile: {
      build: `tensorflow ${backend.binding.TF_Version} sha256:${digest}`,
      device: [device, ...switches].join(' '),
      threads,
      precision,
      execution,
    },
    computesOn: backend.isUsingGpuDevice ? 'cuda' : 'cpu',
    executor: execution === 'eager' ? eagerExecutor : graphExecutor(backend, { precision }),
  };
}
