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

/** What an update takes from its number and its schedule, as the numbers that go to the device. */
export interface AdamWRates {
  /** Number of this update, from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon?: number;
  readonly weightDecay: number;
}

/** Of `adamwRates`, as an input of a program. */
export const ADAMW_RATES = { dtype: 'float32', shape: [3] } as const;

/**
 * [lr √(1 − β₂ᵗ) / (1 − β₁ᵗ), ε √(1 − β₂ᵗ), 1 − lr·λ]: the size of the step and ε, with numerator and denominator of the
 * update both multiplied by √(1 − β₂ᵗ), and the decay.
 * @throws RangeError if `step` is no whole number from 1
 */
export function adamwRates(rates: AdamWRates): Float32Array {
  const { step, learningRate, beta1, beta2, weightDecay, epsilon = 1e-8 } = rates;
  if (!Number.isInteger(step) || step < 1)
    throw new RangeError(`AdamW, step: expected a whole number from 1, got ${step}`);
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const stepSize = (learningRate * correction2) / (1 - beta1 ** step);
  return Float32Array.of(stepSize, epsilon * correction2, 1 - learningRate * weightDecay);
}

export interface AdamWStep {
  readonly params: Parameters;
  /** One gradient for every parameter. */
  readonly grads: Parameters;
  readonly state: AdamWState;
  /** Of `adamwRates`. */
  readonly rates_3: tf.Tensor1D;
  readonly beta1: number;
  readonly beta2: number;
  /** Which parameters decay; all, when absent, as in PyTorch. */
  readonly decays?: (name: string) => boolean;
}

/** Moments of zero; tensors owned by the caller. */
export function initAdamW(params: Parameters): AdamWState {
  const zeros = (): Parameters =>
    Object.fromEntries(Object.entries(params).map(([name, p]) => [name, tf.keep(tf.zeros(p.shape))]));
  return { m: zeros(), v: zeros() };
}

/** The tensor of a parameter in a record of tensors. @throws ShapeError naming the one that is missing or does not fit */
function partOf(
  what: string,
  tensors: Parameters,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): tf.Tensor {
  const tensor = tensors[name];
  const where = `AdamW, ${what} of '${name}'`;
  if (!tensor) throw new ShapeError(where, `shape ${formatShape(shape)}`, 'none');
  assertShape(tensor, shape, where);
  return tensor;
}

interface Moved {
  readonly p: tf.Tensor;
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
  /** Σ g². */
  readonly gradientSquares: tf.Scalar;
}

/** The expressions that a graph's fused kernel is recognised by (`fuse-adam.ts` of the backend). */
function moveParameter(
  [p, m, v, g]: readonly [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor],
  rates: readonly tf.Tensor[],
  { beta1, beta2, decays }: { readonly beta1: number; readonly beta2: number; readonly decays: boolean },
): Moved {
  const [stepSize, epsilon, decay] = rates as [tf.Tensor, tf.Tensor, tf.Tensor];
  const squares = tf.square(g);
  const gradientSquares = tf.sum<tf.Scalar>(squares);
  const nextM = tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1));
  const nextV = tf.add(
    tf.mul(v, beta2),
    chain(squares, (square) => tf.mul(square, 1 - beta2)),
  );
  const move = chain(
    tf.sqrt(nextV),
    (root) => tf.add(root, epsilon),
    (denominator) => tf.div(nextM, denominator),
    (direction) => tf.mul(direction, stepSize),
  );
  return { p: tf.sub(decays ? tf.mul(p, decay) : p, move), m: nextM, v: nextV, gradientSquares };
}

/**
 * One update. Pure: the inputs stay, the results are new tensors that the caller (or its `tf.tidy`) owns.
 * `gradientNorm`, the L2 norm over all gradients, is a by-product.
 * @throws ShapeError if a gradient or a moment is missing or does not fit its parameter
 */
export function adamwStep(update: AdamWStep): {
  params: Parameters;
  state: AdamWState;
  gradientNorm: tf.Scalar;
} {
  const { params, grads, state, decays = () => true } = update;
  const result = tf.tidy(() => {
    const rates = tf.unstack(update.rates_3);
    const moved = Object.entries(params).map(([name, p]) => {
      const place = { name, shape: p.shape };
      const parts = [
        p,
        partOf('first moment', state.m, place),
        partOf('second moment', state.v, place),
        partOf('gradient', grads, place),
      ] as const;
      const settings = { ...update, decays: decays(name) };
      return [name, tf.tidy(() => moveParameter(parts, rates, settings) as never) as Moved] as const;
    });
    const pick = (of: 'p' | 'm' | 'v'): Parameters =>
      Object.fromEntries(moved.map(([name, parts]) => [name, parts[of]]));
    const gradientNorm = tf.sqrt(tf.addN(moved.map(([, { gradientSquares }]) => gradientSquares)));
    return {
      params: pick('p'),
      state: { m: pick('m'), v: pick('v') },
      gradientNorm,
    } as unknown as tf.TensorContainerObject;
  });
  return result as unknown as ReturnType<typeof adamwStep>;
}
