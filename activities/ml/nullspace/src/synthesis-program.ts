/** The search for noises as a program: the model's weights, the noises and what they need are the state. */
import type * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import {
  addPrefix,
  takePrefix,
  type HostTensor,
  type Parameters,
  type Program,
  type Specs,
  type StateDict,
} from '@vitrine/ml-tensor';
import { batchesRemembered, criterionSums, hasMoments, synthesisStep } from './noise-synthesis.js';
import type { SplitModel } from './split-model.js';
import type { SynthesisSettings } from './synthesis-settings.js';

const WEIGHTS = 'params';
const NOISE = { value: 'search', m: 'search.m', v: 'search.v' } as const;
/** The entry that is the noise. */
export const NOISE_ENTRY = `${NOISE.value}/noise`;
const RECENT = 'search.recent/noise';
const DONE = 'search.done/noise';

export type SynthesisFunction = 'search' | 'measure';

export interface SynthesisProgramOptions {
  /** Specifications of the weights that `model` takes. */
  readonly weights: Specs;
  readonly model: (weights: Parameters) => SplitModel;
  /** [M, N, D]. */
  readonly noiseShape: readonly number[];
  /** [B, C, H, W]. */
  readonly pixelShape: readonly number[];
  readonly settings: SynthesisSettings;
}

/** `search`: a step of the synthesis on one batch. `measure`: the criterion on other images, summed. */
export function synthesisProgram(options: SynthesisProgramOptions): Program<SynthesisFunction> {
  const { weights, model, settings, noiseShape, pixelShape } = options;
  const noise = { noise: { dtype: 'float32', shape: noiseShape } } as const;
  const [M = 1] = noiseShape;
  const groups = hasMoments(settings) ? Object.values(NOISE) : [NOISE.value];
  const searchState = Object.assign({}, ...groups.map((group) => addPrefix(group, noise))) as Specs;
  const pixels = { dtype: 'float32', shape: pixelShape } as const;
  const noiseOf = (state: Parameters): tf.Tensor3D => state[NOISE_ENTRY] as tf.Tensor3D;
  return {
    name: 'noise synthesis',
    state: {
      ...addPrefix(WEIGHTS, weights),
      ...searchState,
      [RECENT]: { dtype: 'float32', shape: [M, batchesRemembered(settings)] },
      [DONE]: { dtype: 'float32', shape: [M] },
    },
    functions: {
      search: {
        inputs: { pixels, rates: ADAMW_RATES, heldOut: { dtype: 'float32', shape: [M] } },
        compute: ({ state, inputs }) => {
          const { state: next, ...figures } = synthesisStep(
            model(takePrefix(WEIGHTS, state)),
            inputs['pixels'] as tf.Tensor4D,
            {
              state: {
                noise_MND: noiseOf(state),
                optimizer: { m: takePrefix(NOISE.m, state), v: takePrefix(NOISE.v, state) },
                recent_MW: state[RECENT] as tf.Tensor2D,
                done_M: state[DONE] as tf.Tensor1D,
              },
              settings,
              rates_3: inputs['rates'] as tf.Tensor1D,
              heldOut_M: inputs['heldOut'] as tf.Tensor1D,
            },
          );
          return {
            state: {
              ...addPrefix(NOISE.value, { noise: next.noise_MND }),
              ...addPrefix(NOISE.m, next.optimizer.m),
              ...addPrefix(NOISE.v, next.optimizer.v),
              [RECENT]: next.recent_MW,
              [DONE]: next.done_M,
            },
            outputs: { ...figures, done: next.done_M },
          };
        },
      },
      measure: {
        inputs: { pixels, weights: { dtype: 'float32', shape: [pixelShape[0] ?? 1] } },
        compute: ({ state, inputs }) => ({
          outputs: {
            sums: criterionSums(model(takePrefix(WEIGHTS, state)), inputs['pixels'] as tf.Tensor4D, {
              noise_MND: noiseOf(state),
              weights_B: inputs['weights'] as tf.Tensor1D,
              settings,
            }),
          },
        }),
      },
    },
  };
}

/** The entries of the program's state that hold the model. */
export const weightsState = (weights: StateDict): StateDict => addPrefix(WEIGHTS, weights);

type StateSettings = Pick<SynthesisSettings, 'mode' | 'optimizer' | 'stopOn' | 'window'>;

/** The entries of the search at its start: the noise, moments of zero, and no batch remembered. */
export function initialSearchState(noise: HostTensor, settings: StateSettings): StateDict {
  const [M = 1] = noise.shape;
  const zeros = (): HostTensor => ({ ...noise, data: new Float32Array(noise.data.length) });
  const remembered = batchesRemembered(settings);
  return {
    ...addPrefix(NOISE.value, { noise }),
    ...(hasMoments(settings) && {
      ...addPrefix(NOISE.m, { noise: zeros() }),
      ...addPrefix(NOISE.v, { noise: zeros() }),
    }),
    [RECENT]: {
      dtype: 'float32',
      shape: [M, remembered],
      data: new Float32Array(M * remembered).fill(Infinity),
    },
    [DONE]: { dtype: 'float32', shape: [M], data: new Float32Array(M) },
  };
}

/** The names of the search's own entries; a checkpoint holds them. */
export const searchEntries = (settings: StateSettings): readonly string[] => [
  ...(hasMoments(settings) ? Object.values(NOISE) : [NOISE.value]).map((group) => `${group}/noise`),
  RECENT,
  DONE,
];
