import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { chain } from './chain.js';

describe('chain', () => {
  it('applies its steps in order and frees all but the result', () => {
    const kept = tf.scalar(3);
    const before = tf.memory().numTensors;
    const y = chain(tf.scalar(2), tf.square, (x) => tf.add(x, kept), tf.neg);
    expect(y.dataSync()[0]).toBe(-7);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(kept.isDisposed).toBe(false);
    tf.dispose([y, kept]);
  });

  it('without steps gives back what it got', () => {
    const x = tf.scalar(2);
    expect(chain(x)).toBe(x);
    x.dispose();
  });
});
