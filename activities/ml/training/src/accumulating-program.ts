/**
 * Training with the gradient of a batch summed over parts of it: memory for the activations of one part, and an update when
 * all have been seen. A step is `accumulate` for each part, `addGradients` for each other device that saw parts,
 * `gradientNorm`, and then `update`, or `discard`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import { addPrefix, takePrefix, type Program, type ProgramFunction, type Specs } from '@vitrine/ml-tensor';
import {
  accumulateFunctions,
  discardFunction,
  mapEntries,
  SUMS,
  sumSpecs,
  zeroSums,
} from './gradient-sums.js';
import { applyGradients, type AdversarialTerm } from './train-step.js';
import {
  noiseSpec,
  optimizerOf,
  parameterSpecs,
  predictionFunction,
  STATE,
  stateOf,
  type TrainingProgramOptions,
} from './training-program.js';

/** What follows once all parts have been seen. */
export type AfterParts = 'addGradients' | 'gradientNorm' | 'update' | 'discard' | 'predict';
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
  const specs = parameterSpecs(options.config);
  return {
    name: 'training',
    // An attack takes gradients of losses that nobody scales.
    ...(!adversarial && { scalesLoss: true }),
    state: { ...stateOf(specs, { m: specs, v: specs }), ...sumSpecs(options) },
    functions: { ...accumulateFunctions(options, variants, adversarial), ...afterParts(options) },
  };
}

function afterParts(options: TrainingProgramOptions): Record<AfterParts, ProgramFunction> {
  return {
    addGradients: {
      inputs: sumSpecs(options),
      compute: ({ state, inputs }) => {
        const more = takePrefix(SUMS, inputs);
        const sums = mapEntries(takePrefix(SUMS, state), (sum, name) => tf.add(sum, more[name] as tf.Tensor));
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
          hyper: options.hyper,
        });
        return { state: { ...stateOf(params, optimizer), ...zeroSums(grads) }, outputs: {} };
      },
    },
    discard: discardFunction,
    predict: predictionFunction(options.config, options.predictionSize),
  };
}
