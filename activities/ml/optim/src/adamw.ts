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
import { assertShape, type Parameters } from '@vitrine/ml-tensor';

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

export interface Group {
  readonly names: readonly string[];
  readonly decays: boolean;
}

/**
 * Parameters of one shape and one decay, which are updated as one stack: a transformer's blocks repeat their shapes,
 * so a dozen groups replace some eighty parameters and the dispatch of an operation is paid per group.
 */
function groupsOf(params: Parameters, decays: (name: string) => boolean): readonly Group[] {
  const groups = new Map<string, { names: string[]; decays: boolean }>();
  for (const [name, tensor] of Object.entries(params)) {
    const decayed = decays(name);
    const key = `${tensor.shape.join('x')} ${decayed}`;
    const group = groups.get(key) ?? { names: [], decays: decayed };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function stackOf(tensors: Parameters, { names }: Group, like: Parameters): tf.Tensor {
  return tf.stack(
    names.map((name) => {
      const tensor = tensors[name];
      assertShape(tensor ?? { shape: [-1] }, like[name]?.shape ?? [], `AdamW, '${name}'`);
      return tensor as tf.Tensor;
    }),
  );
}

/**
 * One update. Pure: the inputs stay, the results are new tensors that the caller (or its `tf.tidy`) owns.
 * @throws ShapeError if a gradient or a moment is missing or does not fit its parameter
 */
export function adamwStep(update: AdamWStep): { params: Parameters; state: AdamWState } {
  const { params, grads, state, step, learningRate, beta1, beta2, weightDecay } = update;
  const epsilon = update.epsilon ?? 1e-8;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const stepSize = learningRate / (1 - beta1 ** step);
  const next = { params: {}, m: {}, v: {} } as Record<'params' | 'm' | 'v', Record<string, tf.Tensor>>;
  for (const group of groupsOf(params, update.decays ?? (() => true))) {
    const [p, m, v] = tf.tidy(() => {
      const g = stackOf(grads, group, params);
      const m1 = tf.add(tf.mul(stackOf(state.m, group, params), beta1), tf.mul(g, 1 - beta1));
      const v1 = tf.add(tf.mul(stackOf(state.v, group, params), beta2), tf.mul(tf.square(g), 1 - beta2));
      const denominator = tf.add(tf.div(tf.sqrt(v1), correction2), epsilon);
      const old = stackOf(params, group, params);
      const decayed = group.decays && weightDecay !== 0 ? tf.mul(old, 1 - learningRate * weightDecay) : old;
      const p1 = tf.sub(decayed, tf.mul(tf.div(m1, denominator), stepSize));
      return [tf.unstack(p1), tf.unstack(m1), tf.unstack(v1)] as const;
    });
    group.names.forEach((name, i) => {
      next.params[name] = p[i] as tf.Tensor;
      next.m[name] = m[i] as tf.Tensor;
      next.v[name] = v[i] as tf.Tensor;
    });
  }
  return { params: next.params, state: { m: next.m, v: next.v } };
}
