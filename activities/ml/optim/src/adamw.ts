/**
 * AdamW: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2, with the learning rate
 * as its schedule multiplier. Reference followed: `torch.optim.AdamW`.
 *
 *     p ← p (1 − lr·λ)            decay, decoupled from the gradient
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     p ← p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 */
import * as tf from '@tensorflow/tfjs-core';
import { assertShape, chain, formatShape, ShapeError, type Parameters } from '@vitrine/ml-tensor';

/** First and second moments, by parameter name. */
export interface AdamWState {
  readonly m: Parameters;
  readonly v: Parameters;
}

export interface AdamWStep {
  readonly params: Parameters;
  /** One gradient for every parameter. */
  readonly grads: Parameters;
  readonly state: AdamWState;
  /** Number of this update, from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon?: number;
  readonly weightDecay: number;
  /** Which parameters decay; all, when absent, as in PyTorch. */
  readonly decays?: (name: string) => boolean;
}

const zeros = (params: Parameters): Parameters =>
  Object.fromEntries(Object.entries(params).map(([name, p]) => [name, tf.keep(tf.zeros(p.shape))]));

/** Moments of zero; tensors owned by the caller. */
export function initAdamW(params: Parameters): AdamWState {
  return { m: zeros(params), v: zeros(params) };
}

interface Group {
  readonly names: readonly string[];
  readonly shape: readonly number[];
  readonly decays: boolean;
}

/**
 * Parameters of one shape and one decay, which are updated as one stack: a transformer's blocks repeat their shapes,
 * so a dozen groups replace some eighty parameters and the dispatch of an operation is paid per group.
 */
function groupsOf(params: Parameters, decays: (name: string) => boolean): readonly Group[] {
  const groups = new Map<string, { names: string[]; shape: readonly number[]; decays: boolean }>();
  for (const [name, tensor] of Object.entries(params)) {
    const decayed = decays(name);
    const key = `${tensor.shape.join('x')} ${decayed}`;
    const group = groups.get(key) ?? { names: [], shape: tensor.shape, decays: decayed };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The tensors of a group, one upon another. @throws ShapeError naming the tensor that is missing or does not fit */
function stackOf(what: string, tensors: Parameters, { names, shape }: Group): tf.Tensor {
  return tf.stack(
    names.map((name) => {
      const tensor = tensors[name];
      const where = `AdamW, ${what} of '${name}'`;
      if (!tensor) throw new ShapeError(where, `shape ${formatShape(shape)}`, 'none');
      assertShape(tensor, shape, where);
      return tensor;
    }),
  );
}

interface Moved {
  readonly params: readonly tf.Tensor[];
  readonly m: readonly tf.Tensor[];
  readonly v: readonly tf.Tensor[];
  /** Σ g² of the group. */
  readonly gradientSquares: tf.Scalar;
}

function moveGroup(update: AdamWStep, group: Group): Moved {
  const { params, grads, state, step, learningRate, beta1, beta2, weightDecay, epsilon = 1e-8 } = update;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const g = stackOf('gradient', grads, group);
  const squares = tf.square(g);
  const gradientSquares = tf.sum<tf.Scalar>(squares);
  const m = tf.add(
    chain(stackOf('first moment', state.m, group), (old) => tf.mul(old, beta1)),
    chain(g, (gradient) => tf.mul(gradient, 1 - beta1)),
  );
  const v = tf.add(
    chain(stackOf('second moment', state.v, group), (old) => tf.mul(old, beta2)),
    chain(squares, (square) => tf.mul(square, 1 - beta2)),
  );
  // Numerator and denominator of the update, both multiplied by √(1 − β₂ᵗ): one pass less.
  const stepSize = (learningRate * correction2) / (1 - beta1 ** step);
  const move = chain(
    tf.sqrt(v),
    (root) => tf.add(root, epsilon * correction2),
    (denominator) => tf.div(m, denominator),
    (direction) => tf.mul(direction, stepSize),
  );
  const decay = group.decays ? [(old: tf.Tensor) => tf.mul(old, 1 - learningRate * weightDecay)] : [];
  const p = chain(stackOf('value', params, group), ...decay, (old) => tf.sub(old, move));
  return { params: tf.unstack(p), m: tf.unstack(m), v: tf.unstack(v), gradientSquares };
}

/**
 * One update. Pure: the inputs stay, the results are new tensors that the caller (or its `tf.tidy`) owns.
 * `gradientNorm`, the L2 norm over all gradients, is a by-product.
 * @throws ShapeError if a gradient or a moment is missing or does not fit its parameter
 * @throws RangeError if `step` is no whole number from 1
 */
export function adamwStep(update: AdamWStep): {
  params: Parameters;
  state: AdamWState;
  gradientNorm: tf.Scalar;
} {
  if (!Number.isInteger(update.step) || update.step < 1)
    throw new RangeError(`AdamW, step: expected a whole number from 1, got ${update.step}`);
  const groups = groupsOf(update.params, update.decays ?? (() => true));
  const pick = (moved: readonly Moved[], of: 'params' | 'm' | 'v'): Parameters =>
    Object.fromEntries(
      groups.flatMap((group, at) =>
        group.names.map((name, i) => [name, moved[at]?.[of][i] as tf.Tensor] as const),
      ),
    );
  const result = tf.tidy(() => {
    const moved = groups.map((group) => tf.tidy(() => moveGroup(update, group) as never) as Moved);
    const gradientNorm = tf.sqrt(tf.addN(moved.map(({ gradientSquares }) => gradientSquares)));
    const state = { m: pick(moved, 'm'), v: pick(moved, 'v') };
    return { params: pick(moved, 'params'), state, gradientNorm } as unknown as tf.TensorContainerObject;
  });
  return result as unknown as ReturnType<typeof adamwStep>;
}
