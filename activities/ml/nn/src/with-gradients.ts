/**
 * A differentiable operation of one activation and some parameters with its gradient written out. Inside it nothing is
 * recorded on tfjs's tape, and its temporaries are freed as it returns (the tape would hold them all until the end of
 * the backward pass).
 */
import * as tf from '@tensorflow/tfjs-core';
import { after } from '@vitrine/ml-tensor';
import { parameter } from './parameter.js';
import type { Vit } from './vit-config.js';

export interface Differentiable<S extends object> {
  readonly vit: Vit;
  /** Names of the parameters, in the order in which both functions take them. */
  readonly names: readonly string[];
  readonly input: tf.Tensor2D;
  readonly forward: (
    x: tf.Tensor2D,
    params: readonly tf.Tensor[],
  ) => { readonly value: () => tf.Tensor2D; readonly saved: S };
  readonly backward: (
    dy: tf.Tensor2D,
    saved: S,
    params: readonly tf.Tensor[],
  ) => { readonly input: tf.Tensor2D; readonly parameters: () => readonly tf.Tensor[] };
}

/** Applies the operation. A frozen model's parameters are constants: their gradients are not computed. */
export function withGradients<S extends object>(operation: Differentiable<S>): tf.Tensor2D {
  const { vit, names, input, forward, backward } = operation;
  const params = names.map((name) => parameter(vit, name));
  const differentiated = vit.frozen ? [] : params;
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const x = args[0] as tf.Tensor2D;
    const { value, saved } = forward(x, params);
    const keys = Object.keys(saved);
    const result = value();
    save(vit.recompute ? [x] : (Object.values(saved) as tf.Tensor[]));
    const gradFunc = (dy: tf.Tensor, kept: tf.Tensor[]): tf.Tensor[] =>
      tf.tidy(() => {
        const restored = vit.recompute
          ? // Not before the gradient has come this far, or all blocks would be computed again at once.
            forward(after(kept[0] as tf.Tensor2D, dy), params).saved
          : (Object.fromEntries(keys.map((key, i) => [key, kept[i]])) as unknown as S);
        const gradients = backward(dy as tf.Tensor2D, restored, params);
        return vit.frozen ? [gradients.input] : [gradients.input, ...gradients.parameters()];
      });
    return { value: result, gradFunc };
  });
  return run(input, ...differentiated) as tf.Tensor2D;
}
