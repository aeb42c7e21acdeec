/**
 * Training with the gradient of a batch summed over parts of it: memory for the activations of one part, and an update when
 * all have been seen. A step is `accumulate` for each part, `addGradients` for each other device that saw parts,
 * `gradientNorm`, and then `update`, or `discard`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import { addPrefix, takePrefix, type Program } from '@vitrine/ml-tensor';
import { accumulateFunctions, discardFunction, mapEntries, SUMS, zeroSums } from './gradient-sums.js';
import { applyGradients } from './train-step.js';
import {
  optimizerOf,
  parameterSpecs,
  predictionFunction,
  STATE,
  stateOf,
  type TrainingProgramOptions,
} from './training-program.js';

export type AccumulatingFunction =
  'accumulate' | 'accumulateWithNoise' | 'addGradients' | 'gradientNorm' | 'update' | 'discard' | 'predict';

/** @param options `batchSize` is that of a part */
export function accumulatingProgram(options: TrainingProgramOptions): Program<AccumulatingFunction> {
  const { config, hyper, predictionSize } = options;
  const specs = parameterSpecs(config);
  return {
    name: 'training',
    scalesLoss: true,
    state: { ...stateOf(specs, { m: specs, v: specs }), ...addPrefix(SUMS, specs) },
    functions: {
      ...accumulateFunctions(options),
      addGradients: {
        inputs: addPrefix(SUMS, specs),
        compute: ({ state, inputs }) => {
          const more = takePrefix(SUMS, inputs);
          const sums = mapEntries(takePrefix(SUMS, state), (sum, name) =>
            tf.add(sum, more[name] as tf.Tensor),
          );
          return { state: addPrefix(SUMS, sums), outputs: {} };
        },
      },
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
          return { state: { ...stateOf(params, optimizer), ...zeroSums(grads) }, outputs: {} };
        },
      },
      discard: discardFunction,
      predict: predictionFunction(config, predictionSize),
    },
  };
}
