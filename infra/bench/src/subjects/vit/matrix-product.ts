import * as tf from '@tensorflow/tfjs-core';
import type { MatrixProductCase } from '../../vit-case.js';
import type { Task } from '../serve.js';

/** A square product in float32, whose speed is the measure of the machine. */
export function matrixProductTask({ size }: MatrixProductCase): Task {
  const a = tf.ones([size, size]);
  const b = tf.fill([size, size], 0.5);
  const run = (): number => tf.tidy(() => tf.slice(tf.matMul(a, b), [0, 0], [1, 1]).dataSync()[0] ?? NaN);
  return { run, checks: () => [{ name: 'an element of the product', values: [run()] }] };
}
