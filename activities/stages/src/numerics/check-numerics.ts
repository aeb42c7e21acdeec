/** Sees for itself that the backend computes: a large product against float64, and a captured training step against eager. */
import * as tf from '@tensorflow/tfjs-core';
import type { NumericsReport } from '@vitrine/contracts';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates } from '@vitrine/ml-optim';
import {
  eagerExecutor,
  PURPOSE,
  takePrefix,
  uniform,
  type ProgramExecutor,
  type StateDict,
} from '@vitrine/ml-tensor';
import { initialTrainingState, STATE, trainingProgram } from '@vitrine/ml-training';

/** Small enough for a second of work, large enough that every kernel of a training step is met. */
const CONFIG: VitConfig = {
  imageSize: 32,
  patchSize: 8,
  channels: 3,
  width: 96,
  depth: 2,
  heads: 3,
  mlpRatio: 4,
  classes: 10,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const BATCH = 32;
const SIZE = 1024;
const TIMES = 5;
const HYPER = { beta1: 0.9, beta2: 0.999, labelSmoothing: 0.1 };
const SEED = 1;

/** @param now milliseconds of a clock that never goes back */
export function checkNumerics(
  captured: ProgramExecutor,
  now: () => number,
): Pick<NumericsReport, 'product' | 'step'> {
  const [graph, eager] = [trained(captured, now), trained(eagerExecutor, now)];
  return {
    product: checkProduct(now),
    step: {
      capturedMilliseconds: graph.milliseconds,
      eagerMilliseconds: eager.milliseconds,
      difference: Math.max(
        largestDifference(graph.figures, eager.figures),
        largestDifference(graph.gradients, eager.gradients),
      ),
    },
  };
}

/** Rows are checked one in sixteen: float64 on the host is slow. */
function checkProduct(now: () => number): NumericsReport['product'] {
  const values = (step: number): Float32Array =>
    uniform({ seed: SEED, purpose: PURPOSE.batchChoice, step }, SIZE * SIZE).map((u) => u - 0.5);
  const [a, b] = [values(0), values(1)];
  const [left, right] = [tf.tensor2d(a, [SIZE, SIZE]), tf.tensor2d(b, [SIZE, SIZE])];
  try {
    // What leaves a tidy is searched for tensors, a million numbers too: values are read outside.
    const product = (): Float32Array => {
      const result = tf.matMul(left, right);
      const values = result.dataSync<'float32'>();
      result.dispose();
      return values;
    };
    const c = product();
    const rows = Array.from({ length: SIZE / 16 }, (_, i) => i * 16);
    const error = Math.max(...rows.map((row) => rowError(row, { a, b, c })));
    return { size: SIZE, error, gigaflops: (2 * SIZE ** 3) / median(times(product, now)) / 1e6 };
  } finally {
    left.dispose();
    right.dispose();
  }
}

function rowError(
  row: number,
  { a, b, c }: { readonly a: Float32Array; readonly b: Float32Array; readonly c: Float32Array },
): number {
  const [sums, magnitudes] = [new Float64Array(SIZE), new Float64Array(SIZE)];
  for (let k = 0; k < SIZE; k += 1)
    for (let column = 0; column < SIZE; column += 1) {
      const term = (a[row * SIZE + k] ?? 0) * (b[k * SIZE + column] ?? 0);
      sums[column] = (sums[column] ?? 0) + term;
      magnitudes[column] = (magnitudes[column] ?? 0) + Math.abs(term);
    }
  return Math.max(
    ...sums.map((sum, column) =>
      atMostOne(Math.abs(sum - (c[row * SIZE + column] ?? NaN)) / (magnitudes[column] ?? 1)),
    ),
  );
}

interface Trained {
  /** Loss and norm of the gradient. */
  readonly figures: StateDict;
  /** Adam's first moments after one step: the gradients, scaled. */
  readonly gradients: StateDict;
  readonly milliseconds: number;
}

function trained(executor: ProgramExecutor, now: () => number): Trained {
  const program = executor.start(
    trainingProgram({ config: CONFIG, hyper: HYPER, batchSize: BATCH, predictionSize: BATCH }),
  );
  const inputs = {
    pixels: uniform({ seed: SEED, purpose: PURPOSE.batchChoice }, BATCH * 3 * CONFIG.imageSize ** 2),
    labels: Int32Array.from({ length: BATCH }, (_, image) => image % CONFIG.classes),
    rates: adamwRates({ ...HYPER, weightDecay: 0.05, learningRate: 1e-3, step: 1 }),
  };
  try {
    program.writeState(initialTrainingState(initVit(CONFIG, SEED)));
    const figures = program.run('learn', inputs);
    const gradients = takePrefix(STATE.m, program.readState());
    return { figures, gradients, milliseconds: median(times(() => program.run('learn', inputs), now)) };
  } finally {
    program.dispose();
  }
}

/** At most 1, which is also what a value that is no number counts. */
function largestDifference(a: StateDict, b: StateDict): number {
  let [difference, magnitude] = [0, 0];
  for (const [name, { data }] of Object.entries(a))
    data.forEach((value, index) => {
      const apart = Math.abs(value - (b[name]?.data[index] ?? NaN));
      difference = Math.max(difference, apart);
      magnitude = Math.max(magnitude, Math.abs(value));
    });
  return difference === 0 ? 0 : atMostOne(difference / magnitude);
}

const atMostOne = (value: number): number => (value <= 1 ? value : 1);

function times(work: () => unknown, now: () => number): number[] {
  return Array.from({ length: TIMES }, () => {
    const start = now();
    work();
    return now() - start;
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
