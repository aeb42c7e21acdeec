/**
 * Training with the gradient of a batch summed over parts of it: memory for the activations of one part, and an update when
 * all have been seen. A step is `accumulate` for each part, `gradientNorm`, and then `update`, or `discard`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import {
  addPrefix,
  takePrefix,
  type HostTensor,
  type Parameters,
  type Program,
  type ProgramFunction,
  type Specs,
  type StateDict,
  type TensorSpec,
} from '@vitrine/ml-tensor';
import { trainableNames } from './trainable-layers.js';
import { applyGradients, lossAndGradients, type AdversarialTerm } from './train-step.js';
import {
  batchOf,
  batchSpecs,
  noiseSpec,
  optimizerOf,
  parameterSpecs,
  predictionFunction,
  STATE,
  stateOf,
  type TrainingProgramOptions,
} from './training-program.js';

/** Where the sums stand in the state. They are zero between steps, so no checkpoint holds them. */
const SUMS = 'gradient';

/**
 * [on the loss, on its gradients]: what is summed is the gradient of the scaled loss times the second, so that a mean over
 * k equal parts takes 1/k, and a loss that is scaled takes its scale and the inverse.
 */
export const PART_FACTORS = { dtype: 'float32', shape: [2] } as const;

/** What follows once all parts have been seen. */
export type AfterParts = 'gradientNorm' | 'update' | 'discard' | 'predict';
export type AccumulatingFunction = 'accumulate' | 'accumulateWithNoise' | AfterParts;

/** @param options `batchSize` is that of a part */
export function accumulatingProgram(options: TrainingProgramOptions): Program<AccumulatingFunction> {
  const noise = noiseSpec(options.config);
  return partsProgram(options, { accumulate: {}, accumulateWithNoise: { noise } });
}

/**
 * Functions that add the gradient of a part to the sums, and those that follow.
 * @param variants their names, with the inputs of each beside the batch
 * @param adversarial the term of the input `attacked`, where there is one
 */
export function partsProgram<F extends string>(
  options: TrainingProgramOptions,
  variants: Readonly<Record<F, Specs>>,
  adversarial?: AdversarialTerm,
): Program<F | AfterParts> {
  const { config, hyper, predictionSize, recompute = false } = options;
  const specs = parameterSpecs(config);
  const names = trainableNames(config, options.trainable ?? { kind: 'all' });
  const summed = Object.fromEntries(names.map((name) => [name, specs[name] as TensorSpec]));
  const inputs = { ...batchSpecs(options), factors: PART_FACTORS };
  const accumulate: ProgramFunction['compute'] = ({ state, inputs: given }) => {
    const params = takePrefix(STATE.params, state);
    const [lossScale, factor] = tf.unstack(given['factors'] as tf.Tensor1D) as [tf.Scalar, tf.Scalar];
    const attacked_BCHW = given['attacked'] as tf.Tensor4D | undefined;
    const { loss, grads } = lossAndGradients({
      vit: { config, params, recompute },
      ...batchOf(given),
      ...(attacked_BCHW && adversarial && { adversary: { ...adversarial, attacked_BCHW } }),
      ...{ hyper, lossScale, trainable: names },
    });
    const sums = mapEntries(takePrefix(SUMS, state), (sum, name) =>
      tf.add(sum, tf.mul(grads[name] as tf.Tensor, factor)),
    );
    return { state: addPrefix(SUMS, sums), outputs: { loss: tf.div(loss, lossScale) } };
  };
  const zeros = (sums: Parameters): Parameters =>
    addPrefix(
      SUMS,
      mapEntries(sums, (sum) => tf.zerosLike(sum)),
    );
  const accumulating = mapEntries<Specs, ProgramFunction>(variants, (more) => ({
    inputs: { ...inputs, ...more },
    compute: accumulate,
  })) as Record<F, ProgramFunction>;
  const after: Record<AfterParts, ProgramFunction> = {
    gradientNorm: {
      inputs: {},
      compute: ({ state }) => {
        const squares = Object.values(takePrefix(SUMS, state)).map((sum) => tf.sum(tf.square(sum)));
        return { outputs: { gradientNorm: tf.sqrt(tf.addN(squares)) } };
      },
    },
    update: {
      inputs: { rates: ADAMW_RATES },
      compute: ({ state, inputs: { rates } }) => {
        const grads = takePrefix(SUMS, state);
        const { params, optimizer } = applyGradients({
          params: takePrefix(STATE.params, state),
          grads,
          optimizer: optimizerOf(state),
          rates_3: rates as tf.Tensor1D,
          hyper,
        });
        return { state: { ...stateOf(params, optimizer), ...zeros(grads) }, outputs: {} };
      },
    },
    discard: {
      inputs: {},
      compute: ({ state }) => ({ state: zeros(takePrefix(SUMS, state)), outputs: {} }),
    },
    predict: predictionFunction(config, predictionSize),
  };
  return {
    name: 'training',
    state: { ...stateOf(specs, { m: specs, v: specs }), ...addPrefix(SUMS, summed) },
    functions: { ...accumulating, ...after },
  };
}

/** The state that a training starts or goes on from, with sums of zero for the parameters that learn. */
export function withoutGradients(
  state: StateDict,
  { config, trainable = { kind: 'all' } }: Pick<TrainingProgramOptions, 'config' | 'trainable'>,
): StateDict {
  const params = takePrefix(STATE.params, state);
  const zeros = Object.fromEntries(
    trainableNames(config, trainable).map((name) => {
      const host = params[name] as HostTensor;
      return [name, { ...host, data: new Float32Array(host.data.length) }];
    }),
  );
  return { ...state, ...addPrefix(SUMS, zeros) };
}

const mapEntries = <T, U>(
  record: Readonly<Record<string, T>>,
  of: (value: T, name: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));
