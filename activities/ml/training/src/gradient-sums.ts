/** Gradients that are summed in the state of a program, part of a batch by part of a batch. */
import * as tf from '@tensorflow/tfjs-core';
import {
  addPrefix,
  takePrefix,
  type Parameters,
  type ProgramFunction,
  type StateDict,
} from '@vitrine/ml-tensor';
import { lossAndGradients } from './train-step.js';
import { batchOf, batchSpecs, noiseSpec, STATE, type TrainingProgramOptions } from './training-program.js';

/** Where the sums stand in the state. They are zero between steps, so no checkpoint holds them. */
export const SUMS = 'gradient';

/**
 * [on the loss, on its gradients]: what is summed is the gradient of the scaled loss times the second, so that a mean over
 * k equal parts takes 1/k, and a loss that is scaled takes its scale and the inverse.
 */
const PART_FACTORS = { dtype: 'float32', shape: [2] } as const;

/** Functions that add the gradient of a part to the sums. @param options `batchSize` is that of a part */
export function accumulateFunctions(
  options: Omit<TrainingProgramOptions, 'predictionSize'>,
): Record<'accumulate' | 'accumulateWithNoise', ProgramFunction> {
  const { config, hyper, batchSize, recompute = false } = options;
  const inputs = { ...batchSpecs(config, batchSize), factors: PART_FACTORS };
  const compute: ProgramFunction['compute'] = ({ state, inputs: given }) => {
    const params = takePrefix(STATE.params, state);
    const [lossScale, factor] = tf.unstack(given['factors'] as tf.Tensor1D) as [tf.Scalar, tf.Scalar];
    const vit = { config, params, recompute };
    const { loss, grads } = lossAndGradients({ vit, ...batchOf(given), hyper, lossScale });
    const sums = mapEntries(takePrefix(SUMS, state), (sum, name) =>
      tf.add(sum, tf.mul(grads[name] as tf.Tensor, factor)),
    );
    return { state: addPrefix(SUMS, sums), outputs: { loss: tf.div(loss, lossScale) } };
  };
  return {
    accumulate: { inputs, compute },
    accumulateWithNoise: { inputs: { ...inputs, noise: noiseSpec(config) }, compute },
  };
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

/** The state with sums of zero beside its parameters. */
export function withoutGradients(state: StateDict): StateDict {
  const zeros = mapEntries(takePrefix(STATE.params, state), (host) => ({
    ...host,
    data: new Float32Array(host.data.length),
  }));
  return { ...state, ...addPrefix(SUMS, zeros) };
}

export const mapEntries = <T, U>(
  record: Readonly<Record<string, T>>,
  of: (value: T, name: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value, name)]));
