/**
 * Random numbers inside a program: functions of a stream that is fed, so that a recorded function draws anew at every call
 * and an eager one draws the same. The generator is that of `random.ts`, Philox4x32-10 with the same key and counter:
 *
 *     key     = (seed, purpose)
 *     counter = (block, index, step, draw)       block counts groups of four output words, from 0
 *
 * The backend has the kernel (`stateless-random.ts` there).
 */
import * as tf from '@tensorflow/tfjs-core';
import { randomCoordinates, type RandomKey } from './random.js';

/** Names of the kernels; both take a key [1, 2] and a counter [2, 2] in int32 words, low word first, and a shape. */
export const RANDOM_KERNELS = { words: 'PhiloxWords', normal: 'PhiloxNormal' } as const;

/** Of `randomStream`, as an input of a program. */
export const RANDOM_STREAM = { dtype: 'int32', shape: [6] } as const;

/**
 * What names a stream on the device: the words of key and counter, for an input of `RANDOM_STREAM`.
 * @throws RangeError if a field of the key is no uint32
 */
export function randomStream(key: RandomKey): Int32Array {
  const { seed, purpose, step, index } = randomCoordinates(key);
  return Int32Array.of(seed, purpose, 0, index, step, 0);
}

export interface Draw<R extends tf.Rank> {
  readonly shape: tf.ShapeMap[R];
  /** Tells the draws of one call from each other; two with the same number are the same numbers. */
  readonly draw?: number;
}

function draw<R extends tf.Rank>(kernel: string, stream_6: tf.Tensor1D, of: Draw<R>): tf.Tensor<R> {
  const { shape, draw: number = 0 } = of;
  const coordinates_6 =
    number === 0 ? stream_6 : tf.add(stream_6, tf.tensor1d([0, 0, 0, 0, 0, number], 'int32'));
  const key = tf.reshape(tf.slice(coordinates_6, [0], [2]), [1, 2]);
  const counter = tf.reshape(tf.slice(coordinates_6, [2], [4]), [2, 2]);
  return tf.engine().runKernel(kernel, { key, counter }, { shape: [...shape] });
}

/** Uniform in [0, 1): bit for bit the numbers of `uniform` of the same key, where `draw` is 0. */
export function randomUniform<R extends tf.Rank>(stream_6: tf.Tensor1D, of: Draw<R>): tf.Tensor<R> {
  return tf.tidy(() => {
    const words = draw<R>(RANDOM_KERNELS.words, stream_6, of);
    // The upper 24 bits of a word: its sign bit is one of them, hence the remainder.
    const upper = tf.mod(tf.floorDiv(words, tf.scalar(2 ** 8, 'int32')), tf.scalar(2 ** 24, 'int32'));
    return tf.mul<tf.Tensor<R>>(tf.cast(upper, 'float32'), 2 ** -24);
  });
}

/** From N(0, 1): TensorFlow's Box-Muller in float32, so other numbers than those of `normal`, and the same in both executors. */
export function randomNormal<R extends tf.Rank>(stream_6: tf.Tensor1D, of: Draw<R>): tf.Tensor<R> {
  return tf.tidy(() => draw<R>(RANDOM_KERNELS.normal, stream_6, of));
}

/**
 * 1 / (1 − rate) with probability 1 − rate and else 0: what dropout multiplies by. An element is 0 where its word, as a signed
 * number, is below rate · 2³² − 2³¹.
 */
export function randomMask<R extends tf.Rank>(
  stream_6: tf.Tensor1D,
  { rate, ...of }: Draw<R> & { readonly rate: number },
): tf.Tensor<R> {
  return tf.tidy(() => {
    const words = draw<R>(RANDOM_KERNELS.words, stream_6, of);
    const border = tf.scalar(Math.floor(rate * 2 ** 32) - 2 ** 31, 'int32');
    return tf.mul<tf.Tensor<R>>(tf.cast(tf.greaterEqual(words, border), 'float32'), 1 / (1 - rate));
  });
}
