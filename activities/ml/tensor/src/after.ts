/** The order of a graph's operations where their data leave it open. */
import * as tf from '@tensorflow/tfjs-core';

/** Name of the kernel; the backend has it (`ordering.ts` there). */
export const AFTER_KERNEL = 'After';

/**
 * `x`, but not before `dependency` is there. What is computed from it is not what is computed from `x` itself: a graph keeps
 * both. Operation by operation, where the order is that of the calls, it is `x` and nothing more.
 */
export function after<T extends tf.Tensor>(x: T, dependency: tf.Tensor): T {
  return tf.engine().runKernel(AFTER_KERNEL, { x, dependency });
}
