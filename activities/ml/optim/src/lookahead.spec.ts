import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, toHost, toTensors, type StateDict } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { initLookahead, lookaheadStep, lookaheadSync, type LookaheadSettings } from './lookahead.js';

const settings: LookaheadSettings = {
  ...{ base: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, every: 6, slowStep: 0.5 },
  slowStart: 'at-first-sync',
};

interface Walk {
  readonly settings?: Partial<LookaheadSettings>;
  readonly learningRate: number;
  /** Of every row, in a step counted from 1. */
  readonly gradient?: (step: number) => readonly number[];
  readonly active?: (step: number) => readonly number[];
}

/** Rows of two equal entries each, all from 0; gives the value of each row after each step. */
function walk(steps: number, { learningRate, gradient = () => [1], active, ...rest }: Walk): number[][] {
  const chosen = { ...settings, ...rest.settings };
  const rows = gradient(1).length;
  let params: StateDict = { w: { dtype: 'float32', shape: [rows, 2], data: new Float32Array(2 * rows) } };
  let state = initLookahead(params, chosen);
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const next = tf.tidy(() => {
      const active_R = tf.tensor1d([...(active?.(step) ?? Array<number>(rows).fill(1))]);
      const grads = {
        w: tf.tensor2d(
          gradient(step).flatMap((g) => [g, g]),
          [rows, 2],
        ),
      };
      const held = Object.fromEntries(Object.entries(state).map(([slot, of]) => [slot, toTensors(of)]));
      const given = toTensors(params);
      const result = lookaheadStep({
        ...{ params: given, grads, state: held as never, active: () => active_R, settings: chosen },
        learningRate: tf.scalar(learningRate),
        sync: tf.scalar(lookaheadSync(chosen, step)),
      });
      const host = {
        params: toHost(result.params),
        state: Object.fromEntries(Object.entries(result.state).map(([slot, of]) => [slot, toHost(of)])),
      };
      disposeAll(given);
      Object.values(held).forEach(disposeAll);
      return host as never;
    }) as unknown as { params: StateDict; state: typeof state };
    ({ params, state } = next);
    const data = params['w']?.data ?? [];
    return Array.from({ length: rows }, (_unused, row) => data[2 * row] ?? NaN);
  });
}

const after = (steps: readonly number[], values: number[][]): number[] =>
  steps.map((step) => values[step - 1]?.[0] ?? NaN);
const close = (actual: number[], expected: number[], digits = 5): void =>
  actual.forEach((value, i) => expect(value, `at ${i}`).toBeCloseTo(expected[i] ?? NaN, digits));

describe('Lookahead around Adam', () => {
  it('with a constant gradient goes where the released code goes', () => {
    const values = walk(24, { learningRate: 0.01 });
    close(
      after([5, 6, 7, 11, 12, 13, 18, 24], values),
      [-0.05, -0.06, -0.07, -0.11, -0.09, -0.1, -0.12, -0.15],
    );
  });

  it('with slow weights from the start takes half of every six steps back', () => {
    const values = walk(12, { learningRate: 0.01, settings: { slowStart: 'at-start' } });
    close(after([5, 6, 12], values), [-0.05, -0.03, -0.06]);
  });

  it('without Lookahead is Adam: the first step is as long as the learning rate, whatever the gradient', () => {
    for (const gradient of [1e-3, 1, 1e3])
      close(
        after([1, 2], walk(2, { learningRate: 0.3, settings: { every: 0 }, gradient: () => [gradient] })),
        [-0.3, -0.6],
        4,
      );
  });

  it('counts the updates of each row, and leaves a row that is not active where it is', () => {
    const alternating = walk(8, {
      learningRate: 0.1,
      settings: { every: 0 },
      gradient: (step) => [Math.sin(step), step % 2 === 0 ? 1 + step : 77],
      active: (step) => [1, step % 2 === 0 ? 1 : 0],
    });
    const alone = walk(4, { learningRate: 0.1, settings: { every: 0 }, gradient: (step) => [1 + 2 * step] });
    const second = alternating.map(([, value]) => value ?? NaN);
    close([second[1], second[3], second[5], second[7]].map(Number), alone.flat(), 6);
    expect(second[0]).toBe(0);
    expect(second[2]).toBe(second[1]);
  });

  it('passes over a row that is not active when weights meet', () => {
    const values = walk(12, {
      learningRate: 0.01,
      gradient: () => [1],
      active: (step) => [step === 6 ? 0 : 1],
    });
    // The first meeting of this row is the twelfth step, which takes the slow weights and moves nothing.
    close(after([5, 6, 12], values), [-0.05, -0.05, -0.11]);
  });
});

describe('Lookahead around centred RMSprop', () => {
  it('divides by the root of the variance, as torch does', () => {
    // torch 2: RMSprop(lr=0.01, alpha=0.99, eps=1e-8, centered=True) on a gradient of 1: g / √(0.01·t′ − …).
    const [square, mean] = [0.01, 0.01];
    const first = -0.01 / (Math.sqrt(square - mean ** 2) + 1e-8);
    const chosen = { base: 'centred-rmsprop', beta1: 0.99, beta2: 0.99, every: 0 } as const;
    close(after([1], walk(1, { learningRate: 0.01, settings: chosen })), [first], 6);
    const [square2, mean2] = [0.99 * square + 0.01, 0.99 * mean + 0.01];
    const second = first - 0.01 / (Math.sqrt(square2 - mean2 ** 2) + 1e-8);
    close(after([2], walk(2, { learningRate: 0.01, settings: chosen })), [second], 6);
  });
});

describe('the optimizer', () => {
  it('refuses a gradient that is missing, by name', () => {
    const params = toTensors({ w: { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) } });
    const step = {
      ...{ params, grads: {}, settings, active: () => tf.tensor1d([1]) },
      state: { m: params, v: params, slow: params, updates: params, hasSlow: params },
      ...{ learningRate: tf.scalar(1), sync: tf.scalar(0) },
    };
    expect(() => lookaheadStep(step)).toThrow("Lookahead, gradient of 'w': expected shape [1, 2], got none");
    disposeAll(params);
  });
});
