/** Gradients that are summed in the state of a program, part of a batch by part of a batch. */
import * as tf from '@tensorflow/tfjs-core';
import {
  addPrefix,
  takePrefix,
  type HostTensor,
  type Parameters,
  type ProgramFunction,
  type Specs,
  type StateDict,
  type TensorSpec,
} from '@vitrine/ml-tensor';
import { trainableNames } from './trainable-layers.js';
import { lossAndGradients, type AdversarialTerm } from './train-step.js';
import {
  batchOf,
  batchSpecs,
  parameterSpecs,
  STATE,
  type TrainingProgramOptions,
} from './training-program.js';

/** Where the sums stand in the state. They are zero between steps, so no checkpoint holds them. */
export const SUMS = 'gradient';

/**
 * [on the loss, on its gradients]: what is summed is the gradient of the scaled loss times the second, so that a mean over
 * k equal parts takes 1/k, and a loss that is scaled takes its scale and the inverse.
 */
const PART_FACTORS = { dtype: 'float32', shape: [2] } as const;

type Learning = Pick<TrainingProgramOptions, 'config' | 'trainable'>;

const learningNames = ({ config, trainable = { kind: 'all' } }: Learning): readonly string[] =>
  trainableNames(config, trainable);

/** Of the parameters that learn, under their names in the state. */
export function sumSpecs(options: Learning): Specs {
  const specs = parameterSpecs(options.config);
  return addPrefix(
    SUMS,
    Object.fromEntries(learningNames(options).map((name) => [name, specs[name] as TensorSpec])),
  );
}

/**
 * Functions that add the gradient of a part to the sums.
 * @param options `batchSize` is that of a part
 * @param variants their names, with the inputs of each beside the batch
 * @param adversarial the term of the input `attacked`, where there is one
 */
export function accumulateFunctions<F extends string>(
  options: Omit<TrainingProgramOptions, 'predictionSize'>,
  variants: Readonly<Record<F, Specs>>,
  adversarial?: AdversarialTerm,
): Record<F, ProgramFunction> {
  const { config, hyper, recompute = false } = options;
  const trainable = learningNames(options);
  const inputs = { ...batchSpecs(options), factors: PART_FACTORS };
  const compute: ProgramFunction['compute'] = ({ state, inputs: given }) => {
    const params = takePrefix(STATE.params, state);
    const [lossScale, factor] = tf.unstack(given['factors'] as tf.Tensor1D) as [tf.Scalar, tf.Scalar];
    const attacked_BCHW = given['attacked'] as tf.Tensor4D | undefined;
    const { loss, grads } = lossAndGradients({
      vit: { config, params, recompute },
      ...batchOf(given),
      ...(attacked_BCHW && adversarial && { adversary: { ...adversarial, attacked_BCHW } }),
      ...{ hyper, lossScale, trainable },
    });
    const sums = mapEntries(takePrefix(SUMS, state), (sum, name) =>
      tf.add(sum, tf.mul(grads[name] as tf.Tensor, factor)),
    );
    return { state: addPrefix(SUMS, sums), outputs: { loss: tf.div(loss, lossScale) } };
  };
  return mapEntries<Specs, ProgramFunction>(variants, (more) => ({
    inputs: { ...inputs, ...more },
    compute,
  })) as Record<F, ProgramFunction>;
}

/** Empties the sums. */
export const discardFunction: ProgramFunction = {
  inputs: {},
  compute: ({ state }) => ({ state: zeroSums(takePrefix(SUMS, state)), outputs: {} }),
};

export const zeroSums = (sums: Parameters): Parameters =>
  addPrefix(
    SUMS,
    mapEntries(sums, (sum) => tf.zerosLike(sum)),
  );

/** The state that a training starts or goes on from, with sums of zero for the parameters that learn. */
export function withoutGradients(state: StateDict, options: Learning): StateDict {
  const params = takePrefix(STATE.params, state);
  const zeros = Object.fromEntries(
    learningNames(options).map((name) => {
      const host = params[name] as HostTensor;
      return [name, { ...host, data: new Float32Array(host.data.length) }];
    }),
  );
  return { ...state, ...addPrefix(SUMS, zeros) };
}

export const mapEntries = <T, U>(
  record: Readonly<Record<string, T>>,
  of: (value: T, name: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));
