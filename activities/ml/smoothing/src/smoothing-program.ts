/**
 * A classifier, with or without a denoiser before it, as it is asked under noise: weights of both are the state, and every
 * function takes one size of batch. Axes: D draws, C channels, S side, K classes, N tokens.
 *
 * Papers: Cohen et al., ICML 2019; Salman et al., "Denoised smoothing", NeurIPS 2020; Carlini et al., ICLR 2023 (a diffusion
 * model as the denoiser, one call of it).
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  ancestralStep,
  COEFFICIENTS,
  columnsOf,
  denoiseOnce,
  type NoisePredictor,
} from '@vitrine/ml-diffusion';
import {
  takePrefix,
  type Parameters,
  type Program,
  type ProgramFunction,
  type Specs,
} from '@vitrine/ml-tensor';

/** What one forward pass says of pixels in [0, 1]. */
export interface Sight {
  readonly logits_DK: tf.Tensor2D;
  /** One entry per token, on the simplex. */
  readonly attention_DN: tf.Tensor2D;
}

/** A model that is asked, as functions of its weights. */
export interface SmoothedModel {
  readonly classify: (weights: Parameters, pixels_DCSS: tf.Tensor4D) => tf.Tensor2D;
  readonly look: (weights: Parameters, pixels_DCSS: tf.Tensor4D) => Sight;
  /** Takes what comes in from [−1, 1] and noise to pixels; absent, pixels with noise go to the classifier as they are. */
  readonly denoiser?: (weights: Parameters) => NoisePredictor;
}

export interface SmoothingProgramOptions {
  readonly model: SmoothedModel;
  /** With the prefixes of `SMOOTHING_STATE`. */
  readonly weights: Specs;
  /** [D, C, S, S]. */
  readonly noisyShape: readonly [number, number, number, number];
}

export const SMOOTHING_STATE = { classifier: 'classifier', denoiser: 'denoiser' } as const;

export type SmoothingFunction = 'vote' | 'look' | 'back';

/**
 * `vote` gives the class of each draw, `look` its logits and attention; `back` takes draws one step of the diffusion back.
 * `finite` is 0 where a logit is no number: such a draw has no class.
 */
export function smoothingProgram({
  model,
  weights,
  noisyShape,
}: SmoothingProgramOptions): Program<SmoothingFunction> {
  const noisy = { dtype: 'float32', shape: noisyShape } as const;
  const rows = { dtype: 'float32', shape: [noisyShape[0], COEFFICIENTS] } as const;
  const classifier = (state: Parameters): Parameters => takePrefix(SMOOTHING_STATE.classifier, state);
  const predictor = (state: Parameters): NoisePredictor | undefined =>
    model.denoiser?.(takePrefix(SMOOTHING_STATE.denoiser, state));
  const pixelsOf = (state: Parameters, given: Parameters): tf.Tensor4D => {
    const predict = predictor(state);
    const seen = given['noisy'] as tf.Tensor4D;
    if (!predict) return seen;
    const clean = denoiseOnce(predict, seen, columnsOf(given['rows'] as tf.Tensor2D));
    return tf.mul(tf.add(clean, 1), 0.5);
  };
  const finite = (logits_DK: tf.Tensor2D): tf.Tensor => tf.cast(tf.all(tf.isFinite(logits_DK)), 'float32');
  const vote: ProgramFunction['compute'] = ({ state, inputs }) => {
    const logits_DK = model.classify(classifier(state), pixelsOf(state, inputs));
    return { outputs: { labels: tf.argMax(logits_DK, 1), finite: finite(logits_DK) } };
  };
  const look: ProgramFunction['compute'] = ({ state, inputs }) => {
    const { logits_DK, attention_DN } = model.look(classifier(state), pixelsOf(state, inputs));
    return { outputs: { logits: logits_DK, attention: attention_DN, finite: finite(logits_DK) } };
  };
  const back: ProgramFunction['compute'] = ({ state, inputs }) => {
    const predict = predictor(state) ?? ((seen: tf.Tensor4D) => tf.zerosLike(seen));
    const images = { noisy_BCHW: inputs['noisy'] as tf.Tensor4D, draw_BCHW: inputs['draws'] as tf.Tensor4D };
    return { outputs: { noisy: ancestralStep(predict, images, columnsOf(inputs['rows'] as tf.Tensor2D)) } };
  };
  const inputs: Specs = model.denoiser ? { noisy, rows } : { noisy };
  return {
    name: 'smoothing',
    state: weights,
    functions: {
      vote: { inputs, compute: vote },
      look: { inputs, compute: look },
      back: { inputs: { noisy, rows, draws: noisy }, compute: back },
    },
  };
}
