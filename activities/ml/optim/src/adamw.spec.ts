import * as tf from '@tensorflow/tfjs-core';
import {
  disposeAll,
  ShapeError,
  toHost,
  toTensors,
  type HostTensor,
  type Parameters,
} from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import golden from './adamw.golden.json' with { type: 'json' };
import {
  adamwRates,
  adamwStep,
  initAdamW,
  type AdamWRates,
  type AdamWState,
  type AdamWStep,
} from './adamw.js';

const tensorsOf = (arrays: Record<string, number[]>): Parameters =>
  toTensors(
    Object.fromEntries(
      Object.entries(golden.shapes).map(([name, shape]): [string, HostTensor] => [
        name,
        { dtype: 'float32', shape, data: Float32Array.from(arrays[name] ?? []) },
      ]),
    ),
  );

/** Largest difference over the largest expected magnitude, of all tensors. */
function worst(actual: Parameters, expected: Record<string, number[]>): number {
  const errors = Object.entries(toHost(actual)).map(([name, { data }]) => {
    const wanted = expected[name] ?? [];
    expect(data).toHaveLength(wanted.length);
    const scale = Math.max(...wanted.map(Math.abs));
    return Math.max(...wanted.map((value, i) => Math.abs((data[i] ?? NaN) - value))) / scale;
  });
  return Math.max(...errors);
}

type Update = Omit<AdamWStep, 'rates_3'> & AdamWRates;

const step = (update: Update): ReturnType<typeof adamwStep> =>
  tf.tidy(() => adamwStep({ ...update, rates_3: tf.tensor1d(adamwRates(update)) }) as never);

const drop = (...records: Parameters[]): void => records.forEach(disposeAll);

describe('AdamW', () => {
  it("takes PyTorch's steps and keeps its moments", () => {
    let params = tensorsOf(golden.start);
    let state: AdamWState = initAdamW(params);
    for (const [index, expected] of golden.steps.entries()) {
      const grads = tensorsOf(expected.grads);
      const next = step({ params, grads, state, step: index + 1, ...golden.hyper });
      expect(worst(next.params, expected.params)).toBeLessThan(golden.tolerance);
      drop(params, grads, state.m, state.v);
      next.gradientNorm.dispose();
      ({ params, state } = next);
    }
    expect(worst(state.m, golden.m)).toBeLessThan(golden.tolerance);
    expect(worst(state.v, golden.v)).toBeLessThan(golden.tolerance);
    drop(params, state.m, state.v);
  });

  it('without gradient only decays, and only what decays', () => {
    const update = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, weightDecay: 0.01 };
    let params = tensorsOf(golden.start);
    let state = initAdamW(params);
    const grads = initAdamW(params).m;
    for (let number = 1; number <= 10; number++)
      ({ params, state } = step({
        ...update,
        params,
        grads,
        state,
        step: number,
        decays: (name) => name === 'head.weight',
      }));
    const shrunk = golden.start['head.weight'].map((value) => value * 0.999 ** 10);
    expect(worst(params, { ...golden.start, 'head.weight': shrunk })).toBeLessThan(1e-6);
  });

  it('leaves its inputs as they are and makes nothing but its results', () => {
    const params = tensorsOf(golden.start);
    const grads = tensorsOf(golden.steps[0]?.grads ?? {});
    const state = initAdamW(params);
    const before = tf.memory().numTensors;
    const result = step({ params, grads, state, step: 1, ...golden.hyper });
    expect(tf.memory().numTensors).toBe(before + 3 * 3 + 1);
    const squares = Object.values(golden.steps[0]?.grads ?? {})
      .flat()
      .map((g) => g * g);
    const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    expect(result.gradientNorm.dataSync()[0]).toBeCloseTo(norm, 5);
    drop(result.params, result.state.m, result.state.v);
    result.gradientNorm.dispose();
    expect(worst(params, golden.start)).toBeLessThan(1e-7);
    expect(worst(grads, golden.steps[0]?.grads ?? {})).toBeLessThan(1e-7);
    expect([...(toHost(state.v)['norm.weight']?.data ?? [])]).toEqual([0, 0, 0]);
    drop(params, grads, state.m, state.v);
    expect(tf.memory().numTensors).toBe(before - 4 * 3);
  });

  it('gives a parameter the same update whatever others are beside it', () => {
    const all = tensorsOf(golden.start);
    const grads = tensorsOf(golden.steps[0]?.grads ?? {});
    const pick = (from: Parameters): Parameters => ({ 'norm.weight': from['norm.weight'] as tf.Tensor });
    const together = step({ params: all, grads, state: initAdamW(all), step: 1, ...golden.hyper });
    const alone = step({
      params: pick(all),
      grads: pick(grads),
      state: initAdamW(pick(all)),
      step: 1,
      ...golden.hyper,
    });
    expect(toHost(alone.params)['norm.weight']).toEqual(toHost(together.params)['norm.weight']);
  });

  it('refuses a gradient that is missing or of another shape, by name', () => {
    const params = tensorsOf(golden.start);
    const state = initAdamW(params);
    const { 'head.bias': _, ...fewer } = params;
    const update = { params, state, step: 1, ...golden.hyper };
    expect(() => step({ ...update, grads: fewer })).toThrow(ShapeError);
    expect(() => step({ ...update, grads: fewer })).toThrow(
      `AdamW, gradient of 'head.bias': expected shape [3], got none`,
    );
    const odd = { ...params, 'head.bias': params['head.weight'] as tf.Tensor };
    expect(() => step({ ...update, grads: odd })).toThrow(
      `AdamW, gradient of 'head.bias': expected shape [3], got shape [3, 4]`,
    );
    expect(() => step({ ...update, grads: params, state: { ...state, v: fewer } })).toThrow(
      `AdamW, second moment of 'head.bias'`,
    );
  });

  it('refuses a step that is not counted from 1', () => {
    expect(() => adamwRates({ ...golden.hyper, step: 0 })).toThrow('expected a whole number from 1, got 0');
  });
});
