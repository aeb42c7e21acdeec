/** What a further device computes in data-parallel training: gradients of its parts of a batch, and no update. */
import { addPrefix, type Program, type Specs } from '@vitrine/ml-tensor';
import { accumulateFunctions, discardFunction, sumSpecs } from './gradient-sums.js';
import {
  batchSpecs,
  noiseSpec,
  parameterSpecs,
  STATE,
  type TrainingProgramOptions,
} from './training-program.js';

export type ReplicaFunction = 'accumulate' | 'accumulateWithNoise' | 'discard';

/** Its state is the parameters, written anew for every step, and the sums. @param options `batchSize` is that of a part */
export function replicaProgram(
  options: Omit<TrainingProgramOptions, 'predictionSize'>,
): Program<ReplicaFunction> {
  const noise = noiseSpec(options.config);
  return {
    name: 'replica',
    scalesLoss: true,
    state: { ...addPrefix(STATE.params, parameterSpecs(options.config)), ...sumSpecs(options) },
    functions: {
      ...accumulateFunctions(options, { accumulate: {}, accumulateWithNoise: { noise } }),
      discard: discardFunction,
    },
  };
}

/** What a step hands to the other devices, under the names of their program; the images are those of all devices. */
export const sharedSpecs = (
  options: Pick<TrainingProgramOptions, 'config' | 'batchSize' | 'mixed'>,
): Specs => ({
  ...addPrefix(STATE.params, parameterSpecs(options.config)),
  noise: noiseSpec(options.config),
  ...batchSpecs(options),
});
