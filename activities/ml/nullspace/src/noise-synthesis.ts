/**
 * One noise [1, N, D] on the patch embeddings that hardly changes the outputs for any image: an element of the encoder's
 * approximate null space.
 *
 * Paper: Liu et al., CPAL 2025 (arXiv 2403.10476), the noise of the finetuning method. Reference followed:
 * github.com/Liu-Hy/easyrobust, commit f72cee0, examples/imageclassification/imagenet/dat/utils.py.
 *
 * Start at U(−limit, limit), outside the set, and descend the squared distance of the logits with AdamW; stop at the first
 * batch on which the squared distance of the probabilities is below ε, tested before the update. The model stays as it is.
 *
 * Differs from the reference: the budget is `maxSteps` updates instead of a tenth of each of three passes (the cosine
 * schedule spans ten times the budget, as there, so the learning rate stays above 0.975 of its start); batches come from
 * the caller. Differs from the paper: as its code, no term −λ log‖δ‖; the size comes from the start.
 */
import * as tf from '@tensorflow/tfjs-core';
import { adamwRates, adamwStep, cosineSchedule, type AdamWState } from '@vitrine/ml-optim';
import { normal, PURPOSE, uniform, type RandomKey } from '@vitrine/ml-tensor';
import { meanSquaredLogitDistance, meanSquaredProbabilityDistance } from './distances.js';
import { cleanOutputs, type CleanOutputs, type SplitModel } from './split-model.js';

export interface SynthesisSettings {
  /** `learned` descends; `random`, its control, starts at N(0, 1) and only shrinks, by 0.8 a step. */
  readonly mode: 'learned' | 'random';
  /** Half the width of the uniform start. */
  readonly limit: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Tolerance on the squared distance of the probabilities, in [0, 2]. */
  readonly epsilon: number;
  readonly maxSteps: number;
}

/** The tensors that the next step depends on; with the number of updates done it is all of a checkpoint. */
export interface SynthesisState {
  readonly noise_1ND: tf.Tensor3D;
  /** Moments of `noise`; without entries in mode `random`. */
  readonly optimizer: AdamWState;
}

export interface SynthesisStep {
  /** After the step; with the values that were given when the noise has met the tolerance. */
  readonly state: SynthesisState;
  /** Of the noise as given, on this batch. */
  readonly mseProbs: tf.Scalar;
  /** Squared distance of the logits, likewise. */
  readonly mseLogits: tf.Scalar;
  /** Frobenius norm of the noise in `state`. */
  readonly norm: tf.Scalar;
}

const SHRINK = 0.8;
/** T_max of the reference's schedule over the updates it can make. */
const SCHEDULE_STRETCH = 10;
const BETA_1 = 0.9;
const BETA_2 = 0.999;

/** Entries of the start: U(−limit, limit), of norm about limit·√(ND/3); in mode `random` N(0, 1), of norm about √(ND). */
export function startingNoise(
  size: { readonly tokens: number; readonly width: number },
  settings: SynthesisSettings,
  key: { readonly seed: number; readonly round: number },
): Float32Array {
  const stream: RandomKey = { seed: key.seed, purpose: PURPOSE.noiseStart, step: key.round };
  const count = size.tokens * size.width;
  if (settings.mode === 'random') return normal(stream, count);
  return uniform(stream, count).map((value) => (2 * value - 1) * settings.limit);
}

/** What `synthesisStep` takes from the number of updates done: the rates of AdamW. */
export function synthesisRates(settings: SynthesisSettings, step: number): Float32Array {
  const rate = cosineSchedule({
    learningRate: settings.learningRate,
    minLearningRate: 0,
    warmupSteps: 0,
    totalSteps: SCHEDULE_STRETCH * settings.maxSteps,
  });
  return adamwRates({
    step: step + 1,
    learningRate: rate(step),
    beta1: BETA_1,
    beta2: BETA_2,
    weightDecay: settings.weightDecay,
  });
}

/**
 * Tests the noise on one batch, then moves it unless it meets the tolerance. Pure: new tensors, those given are left alone.
 * @param model its weights do not change
 * @param pixels_BCHW in [0, 1]
 * @param search.rates_3 of `synthesisRates`
 */
export function synthesisStep(
  model: SplitModel,
  pixels_BCHW: tf.Tensor4D,
  search: {
    readonly state: SynthesisState;
    readonly settings: SynthesisSettings;
    readonly rates_3: tf.Tensor1D;
  },
): SynthesisStep {
  const { state, settings, rates_3 } = search;
  return tf.tidy(() => {
    const clean = cleanOutputs(model, pixels_BCHW);
    const { logits_BK, moved } =
      settings.mode === 'learned'
        ? descent(model, clean, { state, rates_3 })
        : shrinking(model, clean, state);
    const mseProbs = meanSquaredProbabilityDistance(clean.logits_BK, logits_BK);
    const mseLogits = meanSquaredLogitDistance(clean.logits_BK, logits_BK);
    const next = unless(tf.less(mseProbs, settings.epsilon), state, moved);
    const norm = tf.sqrt(tf.sum(tf.square(next.noise_1ND)));
    return { state: next, mseProbs, mseLogits, norm } as unknown as tf.TensorContainerObject;
  }) as unknown as SynthesisStep;
}

/** The old state where the condition holds, the new one where it does not. */
function unless(isMet: tf.Tensor, old: SynthesisState, next: SynthesisState): SynthesisState {
  const choose = <T extends tf.Tensor>(kept: T, moved: T): T => tf.where(isMet, kept, moved);
  const all = (kept: AdamWState['m'], moved: AdamWState['m']): AdamWState['m'] =>
    Object.fromEntries(
      Object.entries(kept).map(([name, tensor]) => [name, choose(tensor, moved[name] as tf.Tensor)]),
    );
  return {
    noise_1ND: choose(old.noise_1ND, next.noise_1ND),
    optimizer: { m: all(old.optimizer.m, next.optimizer.m), v: all(old.optimizer.v, next.optimizer.v) },
  };
}

/** Logits with noise on the embeddings. */
export function noisyLogits(
  model: SplitModel,
  patches_BND: tf.Tensor3D,
  noise_1ND: tf.Tensor3D,
): tf.Tensor2D {
  return tf.tidy(() => model.classify(model.encode(tf.add(patches_BND, noise_1ND))));
}

interface NoisyPass {
  readonly logits_BK: tf.Tensor2D;
  readonly moved: SynthesisState;
}

function descent(
  model: SplitModel,
  clean: CleanOutputs,
  { state, rates_3 }: { readonly state: SynthesisState; readonly rates_3: tf.Tensor1D },
): NoisyPass {
  let seen: tf.Tensor2D | undefined;
  const { grad } = tf.valueAndGrad((noise) => {
    const logits = noisyLogits(model, clean.patches_BND, noise as tf.Tensor3D);
    seen = tf.keep(logits.clone());
    return meanSquaredLogitDistance(clean.logits_BK, logits);
  })(state.noise_1ND);
  const logits_BK = (seen as tf.Tensor2D).clone();
  seen?.dispose();
  const { params, state: optimizer } = adamwStep({
    params: { noise: state.noise_1ND },
    grads: { noise: grad },
    state: state.optimizer,
    rates_3,
    beta1: BETA_1,
    beta2: BETA_2,
  });
  return { logits_BK, moved: { noise_1ND: params['noise'] as tf.Tensor3D, optimizer } };
}

function shrinking(
  model: SplitModel,
  clean: CleanOutputs,
  { noise_1ND, optimizer }: SynthesisState,
): NoisyPass {
  return {
    logits_BK: noisyLogits(model, clean.patches_BND, noise_1ND),
    moved: { noise_1ND: tf.mul(noise_1ND, SHRINK), optimizer },
  };
}
