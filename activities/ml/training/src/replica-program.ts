/** What a further device computes in data-parallel training: gradients of its parts of a batch, and no update. */
import { addPrefix, type Program, type Specs } from '@vitrine/ml-tensor';
import type { VitConfig } from '@vitrine/ml-nn';
import { accumulateFunctions, discardFunction, SUMS } from './gradient-sums.js';
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
  const specs = parameterSpecs(options.config);
  return {
    name: 'replica',
    scalesLoss: true,
    state: { ...addPrefix(STATE.params, specs), ...addPrefix(SUMS, specs) },
    functions: { ...accumulateFunctions(options), discard: discardFunction },
  };
}

/** What a step hands to the other devices, under the names of their program; the images are those of all devices. */
export const sharedSpecs = (config: VitConfig, images: number): Specs => ({
  ...addPrefix(STATE.params, parameterSpecs(config)),
  noise: noiseSpec(config),
  ...batchSpecs(config, images),
});

/** What each of them gives back, under the names of the state. */
export const gradientSpecs = (config: VitConfig): Specs => addPrefix(SUMS, parameterSpecs(config));
