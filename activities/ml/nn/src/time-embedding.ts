import * as tf from '@tensorflow/tfjs-core';

const LONGEST_PERIOD = 10_000;

/** Cosines and sines of the time step at geometrically spaced frequencies (Vaswani et al. 2017, section 3.5). */
export function embedTime(time_B: tf.Tensor1D, width: number): tf.Tensor2D {
  const half = Math.floor(width / 2);
  const frequencies = Float32Array.from({ length: half }, (_, i) => LONGEST_PERIOD ** (-i / half));
  const angles = tf.mul(tf.reshape(time_B, [-1, 1]), tf.tensor2d(frequencies, [1, half]));
  return tf.concat([tf.cos(angles), tf.sin(angles)], 1) as tf.Tensor2D;
}
