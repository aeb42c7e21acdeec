import { availableParallelism } from 'node:os';
import { loadBackend } from '@vitrine/backend';
import { eagerExecutor, type ProgramExecutor } from '@vitrine/ml-tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkNumerics } from './check-numerics.js';

const clock = (): (() => number) => {
  let time = 0;
  return () => (time += 5);
};

describe('the check of the numerics', () => {
  let captured: ProgramExecutor;

  beforeAll(async () => {
    const threads = Number(process.env['TF_NUM_INTRAOP_THREADS'] ?? availableParallelism());
    ({ executor: captured } = await loadBackend({ threads, precision: 'float32', execution: 'captured' }));
  });

  it('finds a backend right that is, and holds no tensor after', () => {
    const before = tf.memory().numTensors;
    const { product, step } = checkNumerics(captured, clock());
    expect(product.error).toBeLessThan(1e-5);
    expect(product.gigaflops).toBeCloseTo((2 * 1024 ** 3) / 5 / 1e6);
    expect(step.difference).toBeLessThan(1e-5);
    expect(step).toMatchObject({ capturedMilliseconds: 5, eagerMilliseconds: 5 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('sees a step that gives another gradient', () => {
    const wrong: ProgramExecutor = {
      start: (program) => {
        const running = eagerExecutor.start(program);
        return {
          run: (name, inputs) => running.run(name, inputs),
          writeState: (values) => running.writeState(values),
          dispose: () => running.dispose(),
          readState: () => {
            const state = running.readState();
            const [name = ''] = Object.keys(state).filter((entry) => entry.startsWith('adamw.m'));
            const entry = state[name];
            if (entry) entry.data[0] = (entry.data[0] ?? 0) + 1e-2;
            return state;
          },
        };
      },
    };
    expect(checkNumerics(wrong, clock()).step.difference).toBeGreaterThan(1e-3);
  });

  it('says of values that are no numbers that they differ wholly', () => {
    const broken: ProgramExecutor = {
      start: (program) => {
        const running = eagerExecutor.start(program);
        return {
          readState: () => running.readState(),
          writeState: (values) => running.writeState(values),
          dispose: () => running.dispose(),
          run: (name, inputs) => ({
            ...running.run(name, inputs),
            loss: { dtype: 'float32', shape: [], data: Float32Array.of(NaN) },
          }),
        };
      },
    };
    expect(checkNumerics(broken, clock()).step.difference).toBe(1);
  });
});
