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
  RANDOM_STREAM,
  randomNormal,
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
  /** Adds `push`, for models of so many tokens. */
  readonly attacked?: { readonly tokens: number };
}

export const SMOOTHING_STATE = { classifier: 'classifier', denoiser: 'denoiser' } as const;

export type SmoothingFunction = 'vote' | 'look' | 'mix' | 'back' | 'push';

/** What an image is multiplied by, what is added, and what the noise is multiplied by. */
export const MIX = { dtype: 'float32', shape: [3] } as const;

/**
 * Noise of consecutive draws. A draw takes whole blocks of four numbers of the stream, so it has the same noise in whatever
 * batch it is; `drawStream` says where a batch begins.
 */
function noiseOf(stream_6: tf.Tensor1D, [D, C, H, W]: SmoothingProgramOptions['noisyShape']): tf.Tensor4D {
  const stride = C * H * W;
  const blocks = Math.ceil(stride / 4);
  const drawn = randomNormal<tf.Rank.R2>(stream_6, { shape: [D, 4 * blocks] });
  return tf.reshape(4 * blocks === stride ? drawn : tf.slice(drawn, [0, 0], [D, stride]), [D, C, H, W]);
}

/**
 * `vote` gives the class of each draw, `look` its logits and attention. With a denoiser `mix` gives images under noise, and
 * `back` takes such images one step of the diffusion back.
 * `push` gives the gradient by an image of what an attack wants, averaged over draws (expectation over transformations).
 * `finite` is 0 where a logit is no number: such a draw has no class.
 */
export function smoothingProgram(options: SmoothingProgramOptions): Program<SmoothingFunction> {
  const { model, weights, noisyShape, attacked } = options;
  const images = { dtype: 'float32', shape: noisyShape } as const;
  const rows = { dtype: 'float32', shape: [noisyShape[0], COEFFICIENTS] } as const;
  const classifier = (state: Parameters): Parameters => takePrefix(SMOOTHING_STATE.classifier, state);
  const predictor = (state: Parameters): NoisePredictor | undefined =>
    model.denoiser?.(takePrefix(SMOOTHING_STATE.denoiser, state));
  const mixed = (given: Parameters, from = given['images']): tf.Tensor4D => {
    const [signal, offset, noise] = tf.unstack(given['mix'] as tf.Tensor1D) as [
      tf.Scalar,
      tf.Scalar,
      tf.Scalar,
    ];
    const noise_DCSS = tf.mul(noiseOf(given['stream'] as tf.Tensor1D, noisyShape), noise);
    return tf.add<tf.Tensor4D>(tf.add(tf.mul(from as tf.Tensor, signal), offset), noise_DCSS);
  };
  /** Images under noise, and behind the denoiser where there is one, in [0, 1]. */
  const treated = (state: Parameters, given: Parameters, from = given['images']): tf.Tensor4D => {
    const seen = mixed(given, from);
    const predict = predictor(state);
    if (!predict) return seen;
    const clean = denoiseOnce(predict, seen, columnsOf(given['rows'] as tf.Tensor2D));
    return tf.mul(tf.add(clean, 1), 0.5);
  };
  const finite = (logits_DK: tf.Tensor2D): tf.Tensor => tf.cast(tf.all(tf.isFinite(logits_DK)), 'float32');
  const vote: ProgramFunction['compute'] = ({ state, inputs }) => {
    const logits_DK = model.classify(classifier(state), treated(state, inputs));
    return { outputs: { labels: tf.argMax(logits_DK, 1), finite: finite(logits_DK) } };
  };
  const look: ProgramFunction['compute'] = ({ state, inputs }) => {
    const { logits_DK, attention_DN } = model.look(classifier(state), treated(state, inputs));
    return { outputs: { logits: logits_DK, attention: attention_DN, finite: finite(logits_DK) } };
  };
  const back: ProgramFunction['compute'] = ({ state, inputs }) => {
    const predict = predictor(state) as NoisePredictor;
    const draw_BCHW = noiseOf(inputs['stream'] as tf.Tensor1D, noisyShape);
    const step = { noisy_BCHW: inputs['images'] as tf.Tensor4D, draw_BCHW };
    return { outputs: { images: ancestralStep(predict, step, columnsOf(inputs['rows'] as tf.Tensor2D)) } };
  };
  const push: ProgramFunction['compute'] = ({ state, inputs }) => {
    const [ofClass, ofAttention] = tf.unstack(inputs['aim'] as tf.Tensor1D) as [tf.Scalar, tf.Scalar];
    const wanted = (pixels: tf.Tensor): tf.Tensor => {
      const { logits_DK, attention_DN } = model.look(classifier(state), treated(state, inputs, pixels));
      const label_1K = tf.oneHot(inputs['label'] as tf.Tensor1D, logits_DK.shape[1], 1, 0, 'float32');
      const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(label_1K, tf.logSoftmax(logits_DK)), 1)));
      const mass = tf.mean(tf.sum(tf.mul(attention_DN, inputs['inside'] as tf.Tensor1D), 1));
      return tf.sub(tf.mul(crossEntropy, ofClass), tf.mul(mass, ofAttention));
    };
    return { outputs: { gradient: tf.grad(wanted)(inputs['pixels'] as tf.Tensor) } };
  };
  const told: Specs = { mix: MIX, stream: RANDOM_STREAM, ...(model.denoiser && { rows }) };
  const wishes: Specs = {
    pixels: { dtype: 'float32', shape: [1, ...noisyShape.slice(1)] },
    label: { dtype: 'int32', shape: [1] },
    inside: { dtype: 'float32', shape: [attacked?.tokens ?? 0] },
    aim: { dtype: 'float32', shape: [2] },
  };
  return {
    name: 'smoothing',
    state: weights,
    functions: {
      vote: { inputs: { images, ...told }, compute: vote },
      look: { inputs: { images, ...told }, compute: look },
      ...(model.denoiser && {
        mix: {
          inputs: { images, ...told },
          compute: ({ inputs }) => ({ outputs: { images: mixed(inputs) } }),
        },
        back: { inputs: { images, stream: RANDOM_STREAM, rows }, compute: back },
      }),
      ...(attacked && { push: { inputs: { ...wishes, ...told }, compute: push } }),
    } as Program<SmoothingFunction>['functions'],
  };
}
