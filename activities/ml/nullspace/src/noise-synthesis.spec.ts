import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { meanSquaredLogitDistance } from './distances.js';
import {
  startingNoise,
  startSynthesis,
  synthesisStep,
  type SynthesisSettings,
  type SynthesisState,
} from './noise-synthesis.js';
import { frobenius } from './patch-embedding-null-space.js';
import { splitVit, type SplitModel } from './split-model.js';
import { synthesizeNoise, type SynthesisProgress } from './synthesize-noise.js';
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
  return startSynthesis(tf.tensor3d(noise, [1, 4, 32]), over.mode ?? settings.mode);
};
const model = splitVit(smallVit());

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
  it('tests before it moves: a noise within the tolerance is returned untouched', () => {
    const state = start();
    const result = synthesisStep(model, someImages(4), { state, settings: { ...settings, epsilon: 3 } });
    expect(result.converged).toBe(true);
    expect(result.state).toBe(state);
    expect(result.mseProbs).toBeLessThan(3);
  });

  it('moves the noise towards smaller distances of the logits and leaves what it was given', () => {
    const images = someImages(16);
    const first = start();
    const before = [...first.noise_1ND.dataSync()];
    let state = first;
    const distances: number[] = [];
    for (let step = 0; step < 15; step++) {
      const result = synthesisStep(model, images, { state, settings: { ...settings, epsilon: 1e-6 } });
      distances.push(result.mseLogits);
      state = result.state;
    }
    expect(state.step).toBe(15);
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
    for (let step = 0; step < 20; step++)
      state = synthesisStep(blind, someImages(2), { state, settings: blindSettings }).state;
    expect(lengthOf(state.noise_1ND) / norm).toBeCloseTo((1 - rate * 0.01) ** 20, 6);
  });

  it('in mode random only shrinks, by 0.8 a step', () => {
    let state = start({ mode: 'random' });
    const begin = state.noise_1ND;
    for (let step = 0; step < 3; step++)
      state = synthesisStep(model, someImages(2), {
        state,
        settings: { ...settings, mode: 'random', epsilon: 1e-9 },
      }).state;
    expect(largest(tf.sub(state.noise_1ND, tf.mul(begin, 0.8 ** 3)))).toBeLessThan(1e-6);
    expect(state.optimizer).toEqual({ m: {}, v: {} });
  });

  it('keeps no tensor beside those of the new state', () => {
    const state = start();
    const images = someImages(4);
    const before = tf.memory().numTensors;
    synthesisStep(model, images, { state, settings });
    expect(tf.memory().numTensors - before).toBe(3);
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

async function run(from: SynthesisState, over: Partial<SynthesisSettings> = {}) {
  const asked: number[] = [];
  const steps: (Omit<SynthesisProgress, 'state'> & {
    step: number;
    noise: number[];
    state: SynthesisState;
  })[] = [];
  const search = {
    from,
    settings: { ...settings, ...over },
    nextBatch: (step: number) => {
      asked.push(step);
      return Promise.resolve(someImages(8, step));
    },
  };
  for await (const { state, ...rest } of synthesizeNoise(model, search))
    steps.push({ ...rest, step: state.step, noise: [...state.noise_1ND.dataSync()], state: copy(state) });
  return { asked, steps };
}

const copy = ({ noise_1ND, optimizer, step }: SynthesisState): SynthesisState => {
  const all = (tensors: Readonly<Record<string, tf.Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
  return { noise_1ND: noise_1ND.clone(), optimizer: { m: all(optimizer.m), v: all(optimizer.v) }, step };
};

describe('the search for a noise', () => {
  it('makes at most maxSteps updates, each on the batch of its number', async () => {
    const { asked, steps } = await run(start(), { epsilon: 1e-9, maxSteps: 5 });
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect(steps.map(({ step, converged }) => [step, converged])).toEqual(
      [1, 2, 3, 4, 5].map((step) => [step, false]),
    );
  });

  it('stops after no update when the start is within the tolerance', async () => {
    const { steps } = await run(start(), { epsilon: 2 });
    expect(steps).toMatchObject([{ step: 0, converged: true }]);
  });

  it('stops at the first batch within the tolerance', async () => {
    const loose = await run(start(), { epsilon: 1e-9, maxSteps: 12 });
    const distances = loose.steps.map(({ mseProbs }) => mseProbs);
    // Half-way between the smallest distance seen and the one before it: met there and not earlier.
    const at = distances.findIndex((q, i) => i > 2 && q < Math.min(...distances.slice(0, i)));
    expect(at).toBeGreaterThan(2);
    const epsilon = ((distances[at] ?? NaN) + Math.min(...distances.slice(0, at))) / 2;
    const { steps } = await run(start(), { epsilon });
    expect(steps.at(-1)).toMatchObject({ step: at, converged: true });
    expect(steps.at(-1)?.noise).toEqual(loose.steps[at - 1]?.noise);
  });

  it.each(['learned', 'random'] as const)('in mode %s resumes at any step to the same end', async (mode) => {
    const whole = await run(start({ mode }), { mode, epsilon: 1e-9, maxSteps: 6 });
    for (const stop of [1, 4]) {
      const state = whole.steps[stop - 1]?.state as SynthesisState;
      const rest = await run(state, { mode, epsilon: 1e-9, maxSteps: 6 });
      expect(rest.steps.map(({ noise }) => noise)).toEqual(whole.steps.slice(stop).map(({ noise }) => noise));
    }
  });
});
