/** A denoiser in training as a program: weights, their running mean and the optimizer's slots are its state. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dropout, UnetConfig } from '@vitrine/ml-nn';
import { ADAMW_RATES, adamwStep } from '@vitrine/ml-optim';
import {
  addPrefix,
  RANDOM_STREAM,
  takePrefix,
  type HostTensor,
  type Parameters,
  type Program,
  type ProgramFunction,
  type StateDict,
} from '@vitrine/ml-tensor';
import { columnsOf } from './coefficients.js';
import { denoiserLoss } from './denoiser-loss.js';
import {
  denoiserInputs,
  denoiserSpecs,
  imageSpec,
  MEAN_WEIGHTS,
  predictor,
  samplingFunctions,
  type SamplingFunction,
} from './sampling-program.js';

/** Where the parts of the state stand; a checkpoint holds them under the same names. */
export const DENOISER_STATE = { params: 'params', m: 'adamw.m', v: 'adamw.v', mean: MEAN_WEIGHTS } as const;

export type DenoiserFunction = 'learn' | 'average' | 'judge' | SamplingFunction;

export interface DenoiserProgramOptions {
  readonly config: UnetConfig;
  /** T of the diffusion, for the weight of a learned variance's loss. */
  readonly steps: number;
  readonly hyper: { readonly beta1: number; readonly beta2: number };
  /** Share of elements that `learn` sets to zero in residual blocks; above 0 it takes a stream of random numbers. */
  readonly dropout: number;
  /** Images of a step of training and of a judgement. */
  readonly batchSize: number;
  /** Images that are sampled at once. */
  readonly sampleCount: number;
}

/** Weights at the start, their mean the weights themselves, moments of zero. */
export function initialDenoiserState(weights: StateDict): StateDict {
  const zeros = (): StateDict =>
    Object.fromEntries(
      Object.entries(weights).map(([name, host]): [string, HostTensor] => [
        name,
        { ...host, data: new Float32Array(host.data.length) },
      ]),
    );
  const { params, m, v, mean } = DENOISER_STATE;
  return {
    ...addPrefix(params, weights),
    ...addPrefix(m, zeros()),
    ...addPrefix(v, zeros()),
    ...addPrefix(mean, weights),
  };
}

/** Bytes' scale to the model's. */
export const toModelScale = (pixels_BCHW: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(pixels_BCHW, 2), 1);

/**
 * `learn` takes one step on a batch; `average` moves the running mean of the weights towards them, by a function of its own
 * so that the optimizer can write its state in place; `judge` gives the loss by the mean weights; `ancestral` and
 * `implicit` take images one step back.
 */
export function denoiserProgram(options: DenoiserProgramOptions): Program<DenoiserFunction> {
  const { config, steps, hyper, batchSize, sampleCount, dropout: rate } = options;
  const specs = denoiserSpecs(config);
  const { params, m, v, mean } = DENOISER_STATE;
  const batch = { ...denoiserInputs(config, batchSize), noise: imageSpec(config, batchSize) };
  const lossOf = (weights: Parameters, given: Parameters, dropout?: Dropout): tf.Scalar =>
    denoiserLoss(
      predictor({ config, params: weights }, given, dropout),
      {
        clean_BCHW: toModelScale(given['pixels'] as tf.Tensor4D),
        noise_BCHW: given['noise'] as tf.Tensor4D,
        coefficients: columnsOf(given['rows'] as tf.Tensor2D),
      },
      steps,
    );
  const learn: ProgramFunction['compute'] = ({ state, inputs }) => {
    const weights = takePrefix(params, state);
    const names = Object.keys(weights);
    const dropout = rate > 0 ? { rate, stream_6: inputs['dropout'] as tf.Tensor1D } : undefined;
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
      lossOf(Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor])), inputs, dropout),
    )(names.map((name) => weights[name] as tf.Tensor));
    const next = adamwStep({
      params: weights,
      grads: Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor])),
      state: { m: takePrefix(m, state), v: takePrefix(v, state) },
      rates_3: inputs['rates'] as tf.Tensor1D,
      ...hyper,
    });
    return {
      state: {
        ...addPrefix(params, next.params),
        ...addPrefix(m, next.state.m),
        ...addPrefix(v, next.state.v),
      },
      outputs: { loss: value, gradientNorm: next.gradientNorm },
    };
  };
  const average: ProgramFunction['compute'] = ({ state, inputs }) => {
    const now = takePrefix(params, state);
    const towards = (name: string, old: tf.Tensor): tf.Tensor =>
      tf.add(old, tf.mul(tf.sub(now[name] as tf.Tensor, old), inputs['share'] as tf.Tensor));
    const moved = Object.entries(takePrefix(mean, state)).map(
      ([name, old]) => [name, towards(name, old)] as const,
    );
    return { state: addPrefix(mean, Object.fromEntries(moved)), outputs: {} };
  };
  return {
    name: 'denoiser',
    state: {
      ...addPrefix(params, specs),
      ...addPrefix(m, specs),
      ...addPrefix(v, specs),
      ...addPrefix(mean, specs),
    },
    functions: {
      learn: {
        inputs: { ...batch, rates: ADAMW_RATES, ...(rate > 0 && { dropout: RANDOM_STREAM }) },
        compute: learn,
      },
      average: { inputs: { share: { dtype: 'float32', shape: [] } }, compute: average },
      judge: {
        inputs: batch,
        compute: ({ state, inputs }) => ({ outputs: { loss: lossOf(takePrefix(mean, state), inputs) } }),
      },
      ...samplingFunctions(config, sampleCount),
    },
  };
}
