/** The search for one noise as a program: the model's weights, the noise and its moments are the state. */
import type * as tf from '@tensorflow/tfjs-core';
import { ADAMW_RATES } from '@vitrine/ml-optim';
import {
  addPrefix,
  takePrefix,
  type HostTensor,
  type Parameters,
  type Program,
  type RunningProgram,
  type Specs,
  type StateDict,
} from '@vitrine/ml-tensor';
import { synthesisRates, synthesisStep, type SynthesisSettings } from './noise-synthesis.js';
import type { SplitModel } from './split-model.js';

const WEIGHTS = 'params';
const NOISE = { value: 'search', m: 'search.m', v: 'search.v' } as const;

export interface SynthesisProgramOptions {
  /** Specifications of the weights that `model` takes. */
  readonly weights: Specs;
  readonly model: (weights: Parameters) => SplitModel;
  /** [1, N, D]. */
  readonly noiseShape: readonly number[];
  /** [B, C, H, W]. */
  readonly pixelShape: readonly number[];
  readonly settings: SynthesisSettings;
}

/** One function, `search`: a step of the synthesis on one batch. */
export function synthesisProgram(options: SynthesisProgramOptions): Program<'search'> {
  const { weights, model, settings } = options;
  const noise = { noise: { dtype: 'float32', shape: options.noiseShape } } as const;
  const groups = settings.mode === 'learned' ? Object.values(NOISE) : [NOISE.value];
  const searchState = Object.assign({}, ...groups.map((group) => addPrefix(group, noise))) as Specs;
  return {
    name: 'noise synthesis',
    state: { ...addPrefix(WEIGHTS, weights), ...searchState },
    functions: {
      search: {
        inputs: { pixels: { dtype: 'float32', shape: options.pixelShape }, rates: ADAMW_RATES },
        compute: ({ state, inputs }) => {
          const { state: next, ...figures } = synthesisStep(
            model(takePrefix(WEIGHTS, state)),
            inputs['pixels'] as tf.Tensor4D,
            {
              state: {
                noise_1ND: takePrefix(NOISE.value, state)['noise'] as tf.Tensor3D,
                optimizer: { m: takePrefix(NOISE.m, state), v: takePrefix(NOISE.v, state) },
              },
              settings,
              rates_3: inputs['rates'] as tf.Tensor1D,
            },
          );
          return {
            state: {
              ...addPrefix(NOISE.value, { noise: next.noise_1ND }),
              ...addPrefix(NOISE.m, next.optimizer.m),
              ...addPrefix(NOISE.v, next.optimizer.v),
            },
            outputs: figures,
          };
        },
      },
    },
  };
}

/** The entries of the program's state that hold the model. */
export const weightsState = (weights: StateDict): StateDict => addPrefix(WEIGHTS, weights);

/** The entries of the search at its start: the noise, and moments of zero in mode `learned`. */
export function initialSearchState(noise: HostTensor, mode: SynthesisSettings['mode']): StateDict {
  const zeros = (): HostTensor => ({ ...noise, data: new Float32Array(noise.data.length) });
  return {
    ...addPrefix(NOISE.value, { noise }),
    ...(mode === 'learned' && {
      ...addPrefix(NOISE.m, { noise: zeros() }),
      ...addPrefix(NOISE.v, { noise: zeros() }),
    }),
  };
}

/** The names of the search's own entries; a checkpoint holds them. */
export const searchEntries = ({ mode }: Pick<SynthesisSettings, 'mode'>): readonly string[] =>
  (mode === 'learned' ? Object.values(NOISE) : [NOISE.value]).map((group) => `${group}/noise`);

/** The entry that is the noise. */
export const NOISE_ENTRY = `${NOISE.value}/noise`;

export interface SynthesisProgress {
  /** Updates done. */
  readonly step: number;
  readonly converged: boolean;
  /** Of the noise before this step's update, on this step's batch. */
  readonly mseProbs: number;
  readonly mseLogits: number;
  /** Frobenius norm of the noise as it is now. */
  readonly norm: number;
}

/**
 * Steps until the tolerance is met or `maxSteps` updates are done; yields after every step, so that the caller can store
 * the state, stop, and go on from it later with the same result.
 * @param search.nextBatch pixels [B, C, H, W] for the update of that number (0-based)
 */
export async function* synthesizeNoise(
  program: Pick<RunningProgram<'search'>, 'run'>,
  search: {
    readonly fromStep: number;
    readonly settings: SynthesisSettings;
    readonly nextBatch: (step: number) => Promise<Float32Array>;
  },
): AsyncGenerator<SynthesisProgress, void, void> {
  const { settings, nextBatch } = search;
  for (let step = search.fromStep; step < settings.maxSteps; step++) {
    const outputs = program.run('search', {
      pixels: await nextBatch(step),
      rates: synthesisRates(settings, step),
    });
    const figure = (name: string): number => outputs[name]?.data[0] ?? NaN;
    const mseProbs = figure('mseProbs');
    // As the device compares: the tolerance in float32.
    const converged = mseProbs < Math.fround(settings.epsilon);
    yield {
      step: converged ? step : step + 1,
      converged,
      mseProbs,
      mseLogits: figure('mseLogits'),
      norm: figure('norm'),
    };
    if (converged) return;
  }
}
