/** A denoiser that only makes up images: the mean weights are its state. Part of a training's program, and one of its own. */
import * as tf from '@tensorflow/tfjs-core';
import { unetParameterShapes, type Dropout, type Unet, type UnetConfig } from '@vitrine/ml-nn';
import {
  addPrefix,
  takePrefix,
  type Parameters,
  type Program,
  type ProgramFunction,
  type Specs,
} from '@vitrine/ml-tensor';
import { COEFFICIENTS, columnsOf } from './coefficients.js';
import { ancestralStep, implicitStep, unetPredictor, type NoisePredictor } from './denoise.js';

/** Where the mean weights stand in the state. */
export const MEAN_WEIGHTS = 'ema';

export type SamplingFunction = 'ancestral' | 'implicit';

export const denoiserSpecs = (config: UnetConfig): Specs =>
  Object.fromEntries(
    Object.entries(unetParameterShapes(config)).map(([name, shape]) => [name, { dtype: 'float32', shape }]),
  );

export const imageSpec = ({ channels, imageSize }: UnetConfig, images: number): Specs[string] => ({
  dtype: 'float32',
  shape: [images, channels, imageSize, imageSize],
});

/** Images, their time steps as rows of coefficients, and their classes where the model is told them. */
export const denoiserInputs = (config: UnetConfig, images: number): Specs => ({
  pixels: imageSpec(config, images),
  rows: { dtype: 'float32', shape: [images, COEFFICIENTS] },
  ...(config.classes > 0 && { labels: { dtype: 'int32' as const, shape: [images] } }),
});

/** The network by these weights, told classes where it is made for them, with dropout in training. */
export const predictor = (unet: Unet, given: Parameters, dropout?: Dropout): NoisePredictor =>
  unetPredictor(unet, { labels_B: given['labels'] as tf.Tensor1D | undefined, dropout });

/** One step back of images: a draw from the posterior, or the deterministic one. */
export function samplingFunctions(
  config: UnetConfig,
  images: number,
): Readonly<Record<SamplingFunction, ProgramFunction>> {
  const sampled = denoiserInputs(config, images);
  return {
    ancestral: {
      inputs: { ...sampled, draws: imageSpec(config, images) },
      compute: ({ state, inputs }) => ({
        outputs: {
          pixels: ancestralStep(
            predictor({ config, params: takePrefix(MEAN_WEIGHTS, state) }, inputs),
            { noisy_BCHW: inputs['pixels'] as tf.Tensor4D, draw_BCHW: inputs['draws'] as tf.Tensor4D },
            columnsOf(inputs['rows'] as tf.Tensor2D),
          ),
        },
      }),
    },
    implicit: {
      inputs: { ...sampled, before: { dtype: 'float32', shape: [images, 2] } },
      compute: ({ state, inputs }) => {
        const [signal, noise] = tf
          .unstack(inputs['before'] as tf.Tensor2D, 1)
          .map((column) => tf.reshape(column, [-1, 1, 1, 1])) as [tf.Tensor4D, tf.Tensor4D];
        const at = columnsOf(inputs['rows'] as tf.Tensor2D);
        const predict = predictor({ config, params: takePrefix(MEAN_WEIGHTS, state) }, inputs);
        const pixels = implicitStep(predict, inputs['pixels'] as tf.Tensor4D, {
          at,
          before: { signal, noise },
        });
        return { outputs: { pixels } };
      },
    },
  };
}

/** For sampling alone; `addPrefix(MEAN_WEIGHTS, weights)` is its state. */
export const samplingProgram = (config: UnetConfig, images: number): Program<SamplingFunction> => ({
  name: 'sampling',
  state: addPrefix(MEAN_WEIGHTS, denoiserSpecs(config)),
  functions: samplingFunctions(config, images),
});
