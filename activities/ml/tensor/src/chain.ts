import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * h(g(f(x))) for temporaries: x and every result but the last are freed as soon as the next one is there. Their memory
 * then serves the next operation while it is still in the processor's cache; `tf.tidy` would keep all of it to the end.
 * @param temporary a tensor that nothing else needs
 * @param steps each returns a new tensor
 */
export function chain<T extends Tensor>(temporary: Tensor, ...steps: readonly ((x: T) => Tensor)[]): T {
  return steps.reduce((x, step) => {
    const y = step(x as T);
    x.dispose();
    return y;
  }, temporary) as T;
}
