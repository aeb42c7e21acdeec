import * as tf from '@tensorflow/tfjs-core';
import {
  RANDOM_STREAM,
  randomNormal,
  randomStream,
  randomUniform,
  type Parameters,
  type ProgramFunction,
} from '@vitrine/ml-tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureError } from './capture-error.js';
import { inOrder } from './graph.js';
import type { NodeBackend } from './node-backend.js';
import { recordFunction } from './record-function.js';
import { record } from './recorder.js';

const backend = tf.backend() as unknown as NodeBackend;
const x = { dtype: 'float32', shape: [2, 3] } as const;

const recordOf = (compute: (x: tf.Tensor) => tf.Tensor | Parameters): ReturnType<typeof record> =>
  record(backend, { x }, (inputs) => {
    const result = compute(inputs['x'] as tf.Tensor);
    return result instanceof tf.Tensor ? { result } : result;
  });

const hint = "`execution: 'eager'` runs it as it is.";

describe('recording a function', () => {
  const { binding } = backend;
  let before: tf.MemoryInfo;
  let ownNames: string[];
  let engineNames: string[];

  beforeEach(() => {
    before = tf.memory();
    ownNames = Object.getOwnPropertyNames(backend);
    engineNames = Object.getOwnPropertyNames(tf.engine());
  });

  /** Whatever a test did: all is as it was, and the eager runtime computes. */
  afterEach(() => {
    expect(tf.memory()).toEqual(before);
    expect(backend.binding).toBe(binding);
    expect(Object.getOwnPropertyNames(backend)).toEqual(ownNames);
    expect(Object.getOwnPropertyNames(tf.engine())).toEqual(engineNames);
    const gradient = tf.tidy(() => [
      ...tf
        .grad((a) => tf.square(a))(tf.tensor1d([3]))
        .dataSync(),
    ]);
    expect(gradient).toEqual([6]);
  });

  it('notes the operations, with constants as values', () => {
    const { results } = recordOf((a) => tf.add(tf.mul(a, 2), [1, 2, 3]));
    expect(inOrder(Object.values(results)).map(({ op }) => op)).toEqual([
      'Placeholder',
      'Const',
      'Mul',
      'Const',
      'Add',
    ]);
  });

  it('records gradients', () => {
    const { results } = recordOf((a) => tf.grad((b) => tf.sum(tf.square(b)))(a));
    expect(results['result']?.node.outputs).toEqual([{ dtype: 1, shape: [2, 3] }]);
  });

  it('refuses a tensor from outside, whether TensorFlow has it yet or not', () => {
    const outside = tf.tensor2d([[1, 2, 3]]);
    const text = `capture, a float32 tensor [1, 3]: a tensor comes from outside the function.`;
    expect(() => recordOf((a) => tf.add(a, outside))).toThrow(CaptureError);
    expect(() => recordOf((a) => tf.add(a, outside))).toThrow(text);
    expect(() => recordOf(() => outside)).toThrow(text);
    tf.square(outside).dispose();
    expect(() => recordOf((a) => tf.add(a, outside))).toThrow(text);
    expect(() => recordOf((a) => tf.add(a, outside))).toThrow(hint);
    outside.dispose();
  });

  it('refuses to read a value, whether it waits for it or not', () => {
    const text = 'capture, dataSync, data or array of a tensor: a value is read.';
    expect(() => recordOf((a) => tf.mul(a, tf.sum(a).dataSync()[0] ?? 0))).toThrow(text);
    expect(() => recordOf((a) => tf.mul(a, a.arraySync() as number[][]))).toThrow(text);
    for (const read of ['data', 'array'] as const)
      expect(() =>
        recordOf((a) => {
          void a[read]();
          return a;
        }),
      ).toThrow(text);
    expect(() =>
      recordOf((a) => {
        try {
          a.dataSync();
        } catch {
          // A function that goes on without the value has none all the same.
        }
        return a;
      }),
    ).toThrow(text);
  });

  it('names an operation without a rule', () => {
    expect(() => recordOf((a) => tf.topk(a, 1).values)).toThrow(
      'capture, operation TopKV2: no rule gives its shapes.',
    );
  });

  it('names an operation whose shape depends on an input', () => {
    const { executeSingleOutput } = backend as unknown as {
      executeSingleOutput(op: string, attributes: unknown[], inputs: tf.Tensor[]): tf.Tensor;
    };
    const fill = (): unknown =>
      record(backend, { size: { dtype: 'int32', shape: [1] } }, ({ size }) => ({
        result: executeSingleOutput.call(backend, 'Fill', [], [size as tf.Tensor, tf.scalar(1)]),
      }));
    expect(fill).toThrow('capture, operation Fill: its input 0 decides a shape and is no constant.');
  });

  it('refuses a tensor that is made past the backend', () => {
    expect(() =>
      recordOf((a) => {
        backend.binding.createTensor([1], 1, Float32Array.of(1));
        return a;
      }),
    ).toThrow('capture, createTensor: a tensor is made past the backend.');
  });

  it('refuses to freeze a draw: its stream must be an input', () => {
    const stream = (): tf.Tensor1D => tf.tensor1d(randomStream({ seed: 1, purpose: 2, step: 3 }), 'int32');
    const text = 'its stream is a constant, so it would draw the same numbers at every call.';
    expect(() => recordOf((a) => tf.add(a, randomNormal(stream(), { shape: [3] })))).toThrow(
      `capture, operation StatelessRandomNormalV2: ${text}`,
    );
    expect(() => recordOf((a) => tf.add(a, randomUniform(stream(), { shape: [3] })))).toThrow(
      `capture, operation StatelessRandomUniformFullIntV2: ${text}`,
    );
    record(backend, { stream: RANDOM_STREAM }, (inputs) => ({
      fed: randomUniform(inputs['stream'] as tf.Tensor1D, { shape: [3], draw: 1 }),
    }));
  });

  it('leaves nothing behind when the function throws, inside a gradient and with tensors kept', () => {
    const broken = (): unknown =>
      recordOf((a) =>
        tf.grad((b) => {
          tf.keep(tf.square(b));
          // Softmax keeps its output for the gradient, until the tape is closed.
          tf.softmax(tf.mul(b, 2));
          throw new TypeError('in the middle');
        })(a),
      );
    expect(broken).toThrow(TypeError);
    expect(broken).toThrow('in the middle');
  });

  it('frees what the function keeps', () => {
    recordOf((a) => tf.keep(tf.square(a)));
  });

  const compare = (compute: (a: tf.Tensor) => tf.Tensor | Parameters): unknown => {
    const definition: ProgramFunction = {
      inputs: { x },
      compute: ({ inputs }) => {
        const result = compute(inputs['x'] as tf.Tensor);
        return { outputs: result instanceof tf.Tensor ? { result } : result };
      },
    };
    return recordFunction(
      backend,
      { program: { name: 'example', state: {} }, name: 'only', definition },
      { precision: 'float32' },
    );
  };

  it('names the operation that comes out differently when the function is recorded again', () => {
    let calls = 0;
    const text = 'recorded twice, it comes out differently.';
    expect(() => compare((a) => tf.sqrt(tf.maximum(a, ++calls)))).toThrow(
      `capture, operation Maximum: ${text}`,
    );
    expect(() => compare((a) => (calls++ % 2 ? tf.square(a) : tf.neg(tf.square(a))))).toThrow(
      `capture, operation Neg: ${text}`,
    );
    expect(() => compare((a) => (calls++ % 2 ? tf.neg(tf.square(a)) : tf.square(a)))).toThrow(
      `capture, operation Neg: ${text}`,
    );
    expect(() => compare(() => tf.scalar(++calls))).toThrow(`capture, the results: ${text}`);
    expect(() =>
      compare((a) => ({ a: tf.square(a), b: a, ...(calls++ % 2 && { b: tf.square(a) }) })),
    ).toThrow(`capture, the results: ${text}`);
  });

  it('takes a function that comes out the same', () => {
    expect(compare((a) => tf.sqrt(tf.maximum(a, 1)))).toMatchObject({ outputs: { result: {} } });
  });
});
