/** Training as a program: weights and optimizer slots are its state, a batch and the rates of the step its inputs. */
import type * as tf from '@tensorflow/tfjs-core';
import { logits, patchCount, vitParameterShapes, type VitConfig } from '@vitrine/ml-nn';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import {
  addPrefix,
  takePrefix,
  type Parameters,
  type Program,
  type ProgramFunction,
  type Specs,
  type StateDict,
} from '@vitrine/ml-tensor';
import { trainableNames, type TrainableLayers } from './trainable-layers.js';
import { trainStep, type TrainStepHyper, type TrainStepInput } from './train-step.js';

/** Where the parts of the state stand; a checkpoint of a training holds them under the same names. */
export const STATE = { params: 'params', m: 'adamw.m', v: 'adamw.v' } as const;

export interface TrainingProgramOptions {
  readonly config: VitConfig;
  readonly hyper: TrainStepHyper;
  /** Images of a step. */
  readonly batchSize: number;
  /** Images of a prediction; fewer are padded. */
  readonly predictionSize: number;
  /** Activations inside the transformer's blocks are computed again for the gradient instead of kept. */
  readonly recompute?: boolean;
  /** Which parameters learn; all, when absent. */
  readonly trainable?: TrainableLayers | undefined;
  /** Whether images come blended, with partners and shares beside their labels. */
  readonly mixed?: boolean | undefined;
}

/** Specifications of the model's parameters, in the order of the architecture. */
export const parameterSpecs = (config: VitConfig): Specs =>
  Object.fromEntries(
    Object.entries(vitParameterShapes(config)).map(([name, shape]) => [name, { dtype: 'float32', shape }]),
  );

export const pixelSpec = ({ channels, imageSize }: VitConfig, images: number): Specs[string] => ({
  dtype: 'float32',
  shape: [images, channels, imageSize, imageSize],
});

/** Weights at the start of a training, moments of zero, as the state of the program. */
export function initialTrainingState(weights: StateDict): StateDict {
  const zeros = (): StateDict =>
    Object.fromEntries(
      Object.entries(weights).map(([name, host]) => [
        name,
        { ...host, data: new Float32Array(host.data.length) },
      ]),
    );
  return {
    ...addPrefix(STATE.params, weights),
    ...addPrefix(STATE.m, zeros()),
    ...addPrefix(STATE.v, zeros()),
  };
}

/**
 * `learn` takes one step on a batch; `learnWithNoise` adds the loss of the batch with the noise on its patch embeddings;
 * `predict` gives logits.
 */
export function trainingProgram(
  options: TrainingProgramOptions,
): Program<'learn' | 'learnWithNoise' | 'predict'> {
  const { config, hyper, predictionSize, recompute = false } = options;
  const specs = parameterSpecs(config);
  const inputs = { ...batchSpecs(options), rates: ADAMW_RATES };
  const trainable = options.trainable && trainableNames(config, options.trainable);
  const learn: ProgramFunction['compute'] = ({ state, inputs: given }) => {
    const { params, optimizer, loss, gradientNorm } = trainStep({
      vit: { config, params: takePrefix(STATE.params, state), recompute },
      optimizer: optimizerOf(state),
      ...batchOf(given),
      rates_3: given['rates'] as tf.Tensor1D,
      hyper,
      trainable,
    });
    return { state: stateOf(params, optimizer), outputs: { loss, gradientNorm } };
  };
  return {
    name: 'training',
    state: stateOf(specs, { m: specs, v: specs }),
    functions: {
      learn: { inputs, compute: learn },
      learnWithNoise: { inputs: { ...inputs, noise: noiseSpec(config) }, compute: learn },
      predict: predictionFunction(config, predictionSize),
    },
  };
}

/** Logits of a batch, from a state that has the weights under `params`. */
export function predictionFunction(config: VitConfig, images: number): ProgramFunction {
  return {
    inputs: { pixels: pixelSpec(config, images) },
    compute: ({ state, inputs }) => {
      const vit = { config, params: takePrefix(STATE.params, state), frozen: true };
      return { outputs: { logits: logits(vit, inputs['pixels'] as tf.Tensor4D) } };
    },
  };
}

/** What a batch is to a function. */
export const batchSpecs = ({
  config,
  batchSize,
  mixed,
}: Pick<TrainingProgramOptions, 'config' | 'batchSize' | 'mixed'>): Specs => ({
  pixels: pixelSpec(config, batchSize),
  labels: { dtype: 'int32', shape: [batchSize] },
  ...(mixed && {
    partners: { dtype: 'int32', shape: [batchSize] },
    shares: { dtype: 'float32', shape: [batchSize] },
  }),
});

export const noiseSpec = (config: VitConfig): Specs[string] => ({
  dtype: 'float32',
  shape: [1, patchCount(config), config.width],
});

/** The batch among the inputs of a call, and the noise where there is one. */
export const batchOf = ({
  pixels,
  labels,
  partners,
  shares,
  noise,
}: Parameters): Pick<TrainStepInput, 'batch' | 'noise_1ND'> => ({
  batch: {
    pixels_BCHW: pixels as tf.Tensor4D,
    labels_B: labels as tf.Tensor1D,
    ...(partners && { mix: { partners_B: partners as tf.Tensor1D, shares_B: shares as tf.Tensor1D } }),
  },
  ...(noise && { noise_1ND: noise as tf.Tensor3D }),
});

export const optimizerOf = (state: Parameters): TrainStepInput['optimizer'] => ({
  m: takePrefix(STATE.m, state),
  v: takePrefix(STATE.v, state),
});

/** Weights and moments under the names of the state. */
export function stateOf<T>(
  params: Readonly<Record<string, T>>,
  { m, v }: { readonly m: Readonly<Record<string, T>>; readonly v: Readonly<Record<string, T>> },
): Record<string, T> {
  return { ...addPrefix(STATE.params, params), ...addPrefix(STATE.m, m), ...addPrefix(STATE.v, v) };
}
