import type * as tf from '@tensorflow/tfjs-core';
import { frobenius } from './patch-embedding-null-space.js';
import { synthesisStep, tensorsOf, type SynthesisSettings, type SynthesisState } from './noise-synthesis.js';
import type { SplitModel } from './split-model.js';

export interface SynthesisProgress {
  readonly state: SynthesisState;
  readonly converged: boolean;
  /** Of the noise before this step's update, on this step's batch. */
  readonly mseProbs: number;
  readonly mseLogits: number;
  /** Frobenius norm of the noise in `state`. */
  readonly norm: number;
}

/**
 * Steps from any state until the tolerance is met or `maxSteps` updates are done; yields after every step, so that the
 * caller can store the state, stop, and go on from it later with the same result.
 *
 * Owns the states: each is valid until the next one is asked for, the last one stays with the caller.
 * @param search.nextBatch pixels [B, C, H, W] for the update of that number (0-based); disposed of after use
 */
export async function* synthesizeNoise(
  model: SplitModel,
  search: {
    readonly from: SynthesisState;
    readonly settings: SynthesisSettings;
    readonly nextBatch: (step: number) => Promise<tf.Tensor4D>;
  },
): AsyncGenerator<SynthesisProgress, void, void> {
  let state = search.from;
  while (state.step < search.settings.maxSteps) {
    const pixels_BCHW = await search.nextBatch(state.step);
    const result = synthesisStep(model, pixels_BCHW, { state, settings: search.settings });
    pixels_BCHW.dispose();
    if (!result.converged) for (const tensor of tensorsOf(state)) tensor.dispose();
    state = result.state;
    yield { ...result, norm: frobenius(state.noise_1ND.dataSync() as Float32Array) };
    if (result.converged) return;
  }
}
