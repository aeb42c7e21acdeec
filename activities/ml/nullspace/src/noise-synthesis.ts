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
import { adamwStep, cosineSchedule, initAdamW, type AdamWState } from '@vitrine/ml-optim';
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

/** All that the next step depends on; a checkpoint holds exactly this. */
export interface SynthesisState {
  readonly noise_1ND: tf.Tensor3D;
  /** Moments of `noise`; without entries in mode `random`. */
  readonly optimizer: AdamWState;
  /** Updates done. */
  readonly step: number;
}

export interface SynthesisStep {
  /** The state after the step; the one that was given when the noise has met the tolerance. */
  readonly state: SynthesisState;
  readonly converged: boolean;
  /** Of the noise as given, on this batch. */
  readonly mseProbs: number;
  /** Squared distance of the logits, likewise. */
  readonly mseLogits: number;
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

/** A search at step 0. */
export function startSynthesis(noise_1ND: tf.Tensor3D, mode: SynthesisSettings['mode']): SynthesisState {
  return {
    noise_1ND,
    optimizer: mode === 'learned' ? initAdamW({ noise: noise_1ND }) : { m: {}, v: {} },
    step: 0,
  };
}

/**
 * Tests the noise on one batch, then moves it. Pure: new tensors, those given are left alone.
 * @param model its weights do not change
 * @param pixels_BCHW in [0, 1]
 */
export function synthesisStep(
  model: SplitModel,
  pixels_BCHW: tf.Tensor4D,
  { state, settings }: { readonly state: SynthesisState; readonly settings: SynthesisSettings },
): SynthesisStep {
  let figures = { converged: false, mseProbs: NaN, mseLogits: NaN };
  const next = tidyState(() => {
    const clean = cleanOutputs(model, pixels_BCHW);
    const noisy = settings.mode === 'learned' ? descent(model, clean, state) : shrinking(model, clean, state);
    const mseProbs = meanSquaredProbabilityDistance(clean.logits_BK, noisy.logits_BK).dataSync()[0] ?? NaN;
    const mseLogits = meanSquaredLogitDistance(clean.logits_BK, noisy.logits_BK).dataSync()[0] ?? NaN;
    figures = { converged: mseProbs < settings.epsilon, mseProbs, mseLogits };
    return figures.converged ? state : noisy.update(settings);
  });
  return { state: next, ...figures };
}

/** `tf.tidy` for a state: its type of containers cannot say nested records of tensors, its code can. */
const tidyState = (compute: () => SynthesisState): SynthesisState =>
  tf.tidy(compute as unknown as () => tf.TensorContainerObject) as unknown as SynthesisState;

/** Every tensor of a state, for disposal. */
export function tensorsOf({ noise_1ND, optimizer }: SynthesisState): tf.Tensor[] {
  return [noise_1ND, ...Object.values(optimizer.m), ...Object.values(optimizer.v)];
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
  update(settings: SynthesisSettings): SynthesisState;
}

function descent(model: SplitModel, clean: CleanOutputs, state: SynthesisState): NoisyPass {
  let seen: tf.Tensor2D | undefined;
  const { grad } = tf.valueAndGrad((noise) => {
    const logits = noisyLogits(model, clean.patches_BND, noise as tf.Tensor3D);
    seen = tf.keep(logits.clone());
    return meanSquaredLogitDistance(clean.logits_BK, logits);
  })(state.noise_1ND);
  const logits_BK = (seen as tf.Tensor2D).clone();
  seen?.dispose();
  return {
    logits_BK,
    update: (settings) => {
      const rate = cosineSchedule({
        learningRate: settings.learningRate,
        minLearningRate: 0,
        warmupSteps: 0,
        totalSteps: SCHEDULE_STRETCH * settings.maxSteps,
      });
      const { params, state: optimizer } = adamwStep({
        params: { noise: state.noise_1ND },
        grads: { noise: grad },
        state: state.optimizer,
        step: state.step + 1,
        learningRate: rate(state.step),
        beta1: BETA_1,
        beta2: BETA_2,
        weightDecay: settings.weightDecay,
        decays: () => true,
      });
      return { noise_1ND: params['noise'] as tf.Tensor3D, optimizer, step: state.step + 1 };
    },
  };
}

function shrinking(model: SplitModel, clean: CleanOutputs, state: SynthesisState): NoisyPass {
  return {
    logits_BK: noisyLogits(model, clean.patches_BND, state.noise_1ND),
    update: () => ({
      noise_1ND: tf.mul(state.noise_1ND, SHRINK),
      optimizer: state.optimizer,
      step: state.step + 1,
    }),
  };
}
