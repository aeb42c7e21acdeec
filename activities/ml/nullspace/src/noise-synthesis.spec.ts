import * as tf from '@tensorflow/tfjs-core';
import { initAdamW } from '@vitrine/ml-optim';
import { eagerExecutor, specsOf, toHost, type StateDict } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { meanSquaredLogitDistance } from './distances.js';
import {
  startingNoise,
  synthesisRates,
  synthesisStep,
  type SynthesisSettings,
  type SynthesisState,
} from './noise-synthesis.js';
import { frobenius } from './patch-embedding-null-space.js';
import { splitVit, type SplitModel } from './split-model.js';
import {
  initialSearchState,
  NOISE_ENTRY,
  searchEntries,
  synthesisProgram,
  synthesizeNoise,
  weightsState,
} from './synthesize-noise.js';
import { gaussian, largest, lengthOf, smallVit, someImages } from './testing/small-vit.js';

const settings: SynthesisSettings = {
  mode: 'learned',
  limit: 3,
  learningRate: 0.1,
  weightDecay: 0.01,
  epsilon: 0.03,
  maxSteps: 12,
};

const tokensOf = { tokens: 4, width: 32 };
const start = (over: Partial<SynthesisSettings> = {}): SynthesisState => {
  const noise = startingNoise(tokensOf, { ...settings, ...over }, { seed: 5, round: 0 });
  const noise_1ND = tf.tensor3d(noise, [1, 4, 32]);
  return {
    noise_1ND,
    optimizer: over.mode === 'random' ? { m: {}, v: {} } : initAdamW({ noise: noise_1ND }),
  };
};
const vit = smallVit();
const model = splitVit(vit);
const value = (scalar: tf.Scalar): number => scalar.dataSync()[0] ?? NaN;

/** The step after so many updates. */
const stepOf = (
  judged: SplitModel,
  images: tf.Tensor4D,
  search: { readonly state: SynthesisState; readonly settings: SynthesisSettings; readonly done?: number },
): ReturnType<typeof synthesisStep> => {
  const rates_3 = tf.tensor1d(synthesisRates(search.settings, search.done ?? 0));
  const result = synthesisStep(judged, images, { ...search, rates_3 });
  rates_3.dispose();
  return result;
};

describe('the start of a noise', () => {
  it.each([
    ['ViT-S/16', { tokens: 196, width: 384 }, 3, 475.2],
    ['ViT-B/16', { tokens: 196, width: 768 }, 3, 672.0],
    ['ViT-B/32', { tokens: 49, width: 768 }, 5, 560.0],
    ['a toy', { tokens: 16, width: 64 }, 3, 55.4],
  ])('has for %s the norm limit·√(ND/3), within 3 %%', (_name, size, limit, norm) => {
    const noise = startingNoise(size, { ...settings, limit }, { seed: 0, round: 0 });
    expect(Math.abs(frobenius(noise) / norm - 1)).toBeLessThan(0.03);
    expect(Math.max(...noise.subarray(0, 1000).map(Math.abs))).toBeLessThanOrEqual(limit);
  });

  it.each([
    ['ViT-S/16', { tokens: 196, width: 384 }, 274.3],
    ['ViT-B/16', { tokens: 196, width: 768 }, 388.0],
  ])('has in mode random for %s the norm √(ND), within 1 %%', (_name, size, norm) => {
    const noise = startingNoise(size, { ...settings, mode: 'random' }, { seed: 0, round: 0 });
    expect(Math.abs(frobenius(noise) / norm - 1)).toBeLessThan(0.01);
  });

  it('differs between rounds and seeds and is otherwise the same', () => {
    const noise = startingNoise(tokensOf, settings, { seed: 1, round: 1 });
    expect(startingNoise(tokensOf, settings, { seed: 1, round: 1 })).toEqual(noise);
    expect(startingNoise(tokensOf, settings, { seed: 1, round: 2 })).not.toEqual(noise);
    expect(startingNoise(tokensOf, settings, { seed: 2, round: 1 })).not.toEqual(noise);
  });
});

describe('a step of the synthesis', () => {
  it('tests before it moves: a noise within the tolerance keeps its values, and so do its moments', () => {
    const state = start();
    const result = stepOf(model, someImages(4), { state, settings: { ...settings, epsilon: 3 } });
    expect(value(result.mseProbs)).toBeLessThan(3);
    expect(result.state.noise_1ND.dataSync()).toEqual(state.noise_1ND.dataSync());
    expect(result.state.optimizer.v['noise']?.dataSync()).toEqual(state.optimizer.v['noise']?.dataSync());
    expect(value(result.norm)).toBeCloseTo(lengthOf(state.noise_1ND), 4);
  });

  it('moves the noise towards smaller distances of the logits and leaves what it was given', () => {
    const images = someImages(16);
    const first = start();
    const before = [...first.noise_1ND.dataSync()];
    let state = first;
    const distances: number[] = [];
    for (let done = 0; done < 15; done++) {
      const result = stepOf(model, images, { state, settings: { ...settings, epsilon: 1e-6 }, done });
      distances.push(value(result.mseLogits));
      state = result.state;
    }
    expect(distances.at(-1)).toBeLessThan(0.7 * (distances[0] ?? NaN));
    expect([...first.noise_1ND.dataSync()]).toEqual(before);
  });

  it('shrinks by exactly 1 − lr·decay a step where the model is blind', () => {
    const blind: SplitModel = {
      ...model,
      classify: (features) => tf.mul<tf.Tensor2D>(model.classify(features), 0),
    };
    const rate = 0.1;
    let state = start();
    const norm = lengthOf(state.noise_1ND);
    // A tolerance of 0 is never met, so all steps are done; the long budget keeps the rate at its start.
    const blindSettings = { ...settings, learningRate: rate, epsilon: 0, maxSteps: 100_000 };
    for (let done = 0; done < 20; done++)
      state = stepOf(blind, someImages(2), { state, settings: blindSettings, done }).state;
    expect(lengthOf(state.noise_1ND) / norm).toBeCloseTo((1 - rate * 0.01) ** 20, 5);
  });

  it('in mode random only shrinks, by 0.8 a step', () => {
    let state = start({ mode: 'random' });
    const begin = state.noise_1ND;
    const randomly: SynthesisSettings = { ...settings, mode: 'random', epsilon: 1e-9 };
    for (let done = 0; done < 3; done++)
      state = stepOf(model, someImages(2), { state, settings: randomly, done }).state;
    expect(largest(tf.sub(state.noise_1ND, tf.mul(begin, 0.8 ** 3)))).toBeLessThan(1e-6);
    expect(state.optimizer).toEqual({ m: {}, v: {} });
  });

  it('keeps no tensor beside the new state and the figures', () => {
    const state = start();
    const images = someImages(4);
    const before = tf.memory().numTensors;
    stepOf(model, images, { state, settings });
    expect(tf.memory().numTensors - before).toBe(3 + 3);
  });
});

describe('the loss of the synthesis', () => {
  it('descends for a linear encoder to the projection of the start on the null space', () => {
    const A = gaussian<tf.Tensor2D>([3, 8], 5);
    const start_18 = gaussian<tf.Tensor2D>([1, 8], 6);
    const zero = tf.zeros<tf.Rank.R2>([1, 3]);
    const gradient = tf.grad((noise: tf.Tensor) =>
      meanSquaredLogitDistance(zero, tf.matMul(noise as tf.Tensor2D, A, false, true)),
    );
    let noise = start_18;
    for (let step = 0; step < 600; step++) noise = tf.sub(noise, tf.mul(gradient(noise), 0.02));
    // Π δ = δ − Aᵀ (A Aᵀ)⁻¹ A δ, the 3 × 3 inverse by Newton's iteration X ← X (2I − M X).
    const M = tf.matMul(A, A, false, true);
    let inverse: tf.Tensor2D = tf.div(tf.eye(3), tf.sum(tf.abs(M)));
    for (let i = 0; i < 60; i++)
      inverse = tf.matMul(inverse, tf.sub(tf.mul(tf.eye(3), 2), tf.matMul(M, inverse)));
    const inRow = tf.matMul(tf.matMul(tf.matMul(start_18, A, false, true), inverse), A);
    expect(largest(tf.sub(noise, tf.sub(start_18, inRow)))).toBeLessThan(1e-3);
  });
});

interface Seen {
  readonly step: number;
  readonly converged: boolean;
  readonly mseProbs: number;
  /** The search's entries of the state after the step. */
  readonly state: StateDict;
  readonly noise: number[];
}

const startState = (mode: SynthesisSettings['mode']): StateDict => {
  const data = startingNoise(tokensOf, { ...settings, mode }, { seed: 5, round: 0 });
  return initialSearchState({ dtype: 'float32', shape: [1, 4, 32], data }, mode);
};

async function run(over: Partial<SynthesisSettings> = {}, from?: { step: number; state: StateDict }) {
  const asked: number[] = [];
  const steps: Seen[] = [];
  const current = { ...settings, ...over };
  const weights = toHost(vit.params);
  const program = eagerExecutor.start(
    synthesisProgram({
      weights: specsOf(weights),
      model: (params) => splitVit({ ...vit, params }),
      noiseShape: [1, 4, 32],
      pixelShape: [8, 3, 16, 16],
      settings: current,
    }),
  );
  program.writeState({ ...weightsState(weights), ...(from?.state ?? startState(current.mode)) });
  const search = {
    fromStep: from?.step ?? 0,
    settings: current,
    nextBatch: (step: number) => {
      asked.push(step);
      return Promise.resolve(someImages(8, step).dataSync() as Float32Array);
    },
  };
  for await (const progress of synthesizeNoise(program, search)) {
    const state = program.readState(searchEntries(current));
    steps.push({ ...progress, state, noise: [...(state[NOISE_ENTRY]?.data ?? [])] });
  }
  program.dispose();
  return { asked, steps };
}

describe('the search for a noise', () => {
  it('makes at most maxSteps updates, each on the batch of its number', async () => {
    const { asked, steps } = await run({ epsilon: 1e-9, maxSteps: 5 });
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect(steps.map(({ step, converged }) => [step, converged])).toEqual(
      [1, 2, 3, 4, 5].map((step) => [step, false]),
    );
  });

  it('stops after no update when the start is within the tolerance', async () => {
    const { steps } = await run({ epsilon: 2 });
    expect(steps).toMatchObject([{ step: 0, converged: true }]);
  });

  it('stops at the first batch within the tolerance', async () => {
    const loose = await run({ epsilon: 1e-9, maxSteps: 12 });
    const distances = loose.steps.map(({ mseProbs }) => mseProbs);
    // Half-way between the smallest distance seen and the one before it: met there and not earlier.
    const at = distances.findIndex((q, i) => i > 2 && q < Math.min(...distances.slice(0, i)));
    expect(at).toBeGreaterThan(2);
    const epsilon = ((distances[at] ?? NaN) + Math.min(...distances.slice(0, at))) / 2;
    const { steps } = await run({ epsilon });
    expect(steps.at(-1)).toMatchObject({ step: at, converged: true });
    expect(steps.at(-1)?.noise).toEqual(loose.steps[at - 1]?.noise);
  });

  it.each(['learned', 'random'] as const)('in mode %s resumes at any step to the same end', async (mode) => {
    const whole = await run({ mode, epsilon: 1e-9, maxSteps: 6 });
    for (const stop of [1, 4]) {
      const state = whole.steps[stop - 1]?.state as StateDict;
      const rest = await run({ mode, epsilon: 1e-9, maxSteps: 6 }, { step: stop, state });
      expect(rest.steps.map(({ noise }) => noise)).toEqual(whole.steps.slice(stop).map(({ noise }) => noise));
    }
  });
});
