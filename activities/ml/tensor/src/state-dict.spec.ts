import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { assertShape, ShapeError } from './shape.js';
import { disposeAll, toHost, toTensors, type StateDict } from './state-dict.js';

const state: StateDict = {
  w: { dtype: 'float32', shape: [2, 2], data: new Float32Array([1.5, -0, 3e-39, Infinity]) },
  n: { dtype: 'int32', shape: [], data: new Int32Array([-7]) },
};

describe('state on the device', () => {
  it('comes back bit by bit and is freed by disposeAll', () => {
    const before = tf.memory().numTensors;
    const params = tf.tidy(() => toTensors(state));
    expect(toHost(params)).toEqual(state);
    expect(tf.memory().numTensors).toBe(before + 2);
    disposeAll(params);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps its values when the host array is written afterwards', () => {
    const data = new Float32Array([1, 2]);
    const params = toTensors({ w: { dtype: 'float32', shape: [2], data } });
    data.fill(9);
    expect(toHost(params)['w']?.data).toEqual(new Float32Array([1, 2]));
    disposeAll(params);
  });

  it('refuses data that do not fit shape or type, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const good = state['n'] as StateDict[string];
    expect(() => toTensors({ good, w: { dtype: 'float32', shape: [3], data: new Float32Array(2) } })).toThrow(
      new ShapeError('w', '3 elements for shape [3]', '2'),
    );
    expect(() => toTensors({ w: { dtype: 'int32', shape: [2], data: new Float32Array(2) } })).toThrow(
      'w: expected int32 data, got float32',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('assertShape', () => {
  it('lets null stand for any extent and says what it expected otherwise', () => {
    const x = tf.zeros([2, 3]);
    assertShape(x, [null, 3], 'x');
    expect(() => assertShape(x, [null, 4], 'x_BD')).toThrow('x_BD: expected shape [?, 4], got shape [2, 3]');
    expect(() => assertShape(x, [2, 3, 1], 'x')).toThrow(ShapeError);
    x.dispose();
  });
});
