/**
 * Lookahead (Zhang, Lucas, Hinton & Ba, "Lookahead Optimizer: k steps forward, 1 step back", NeurIPS 2019) around Adam
 * (Kingma & Ba, ICLR 2015) or centred RMSprop, for parameters of which a part goes without gradient in a step:
 *
 *     row i active:   m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²        t ← t + 1
 *     adam:           p ← p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 *     rmsprop:        p ← p − lr · g / (√(v − m²) + ε)          with β₁ = β₂, as torch's `centered`
 *     every k steps:  slow ← slow + α (p − slow),  p ← slow
 *
 * A parameter's first axis is its rows, each with its own count of updates t. A row that is not active keeps everything,
 * as PyTorch skips a parameter without gradient. References followed: `torch.optim.Adam`, `torch.optim.RMSprop`, and the
 * Lookahead of the Vision DiffMask code.
 *
 * Differs from the paper unless `slowStart` says otherwise: as in that code, the slow weights are taken at the first
 * synchronisation that a row is active in, which therefore moves nothing.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  assertShape,
  formatShape,
  ShapeError,
  type HostTensor,
  type Parameters,
  type StateDict,
} from '@vitrine/ml-tensor';

export interface LookaheadSettings {
  readonly base: 'adam' | 'centred-rmsprop';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** k, the steps from one synchronisation to the next; 0 leaves Lookahead out. */
  readonly every: number;
  /** α. */
  readonly slowStep: number;
  /** When the slow weights are taken. */
  readonly slowStart: 'at-start' | 'at-first-sync';
}

/** Per parameter the slots, each of its shape, and per row [R] the updates it had and whether it has slow weights. */
export interface LookaheadState {
  readonly m: Parameters;
  readonly v: Parameters;
  readonly slow: Parameters;
  readonly updates: Parameters;
  readonly hasSlow: Parameters;
}

export const LOOKAHEAD_SLOTS = ['m', 'v', 'slow', 'updates', 'hasSlow'] as const;

/** The slots at the start of a training, by slot. */
export function initLookahead(
  params: StateDict,
  { slowStart }: Pick<LookaheadSettings, 'slowStart'>,
): Record<(typeof LOOKAHEAD_SLOTS)[number], StateDict> {
  const each = (make: (host: HostTensor) => HostTensor): StateDict =>
    Object.fromEntries(Object.entries(params).map(([name, host]) => [name, make(host)]));
  const zeros = (host: HostTensor): HostTensor => ({ ...host, data: new Float32Array(host.data.length) });
  const rows =
    (value: number) =>
    ({ shape: [R = 1] }: HostTensor): HostTensor => ({
      dtype: 'float32',
      shape: [R],
      data: new Float32Array(R).fill(value),
    });
  return {
    m: each(zeros),
    v: each(zeros),
    slow: each((host) => ({ ...host, data: host.data.slice() })),
    updates: each(rows(0)),
    hasSlow: each(rows(slowStart === 'at-start' ? 1 : 0)),
  };
}

/** 1 in steps (counted from 1) after which fast and slow weights meet, else 0. */
export const lookaheadSync = ({ every }: Pick<LookaheadSettings, 'every'>, step: number): 0 | 1 =>
  every > 0 && step % every === 0 ? 1 : 0;

export interface LookaheadStep {
  readonly params: Parameters;
  readonly grads: Parameters;
  readonly state: LookaheadState;
  /** Per parameter 1 for the rows that take part, else 0, [R]. */
  readonly active: (name: string) => tf.Tensor1D;
  readonly learningRate: tf.Scalar;
  /** Of `lookaheadSync`. */
  readonly sync: tf.Scalar;
  readonly settings: LookaheadSettings;
}

/** One number per row, in a shape that stretches over a parameter. */
const alongRows = (values_R: tf.Tensor, like: tf.Tensor): tf.Tensor =>
  tf.reshape(values_R, [values_R.shape[0] ?? 1, ...Array<number>(like.rank - 1).fill(1)]);

/** from + share · (to − from) */
const towards = (from: tf.Tensor, to: tf.Tensor, share: tf.Tensor): tf.Tensor =>
  tf.add(from, tf.mul(share, tf.sub(to, from)));

/** 1 − βᵗ, without the cancellation that βᵗ near 1 has in float32. */
const correction = (beta: number, updates: tf.Tensor): tf.Tensor =>
  tf.neg(tf.expm1(tf.mul(updates, Math.log(beta))));

type Slots = readonly [p: tf.Tensor, g: tf.Tensor, m: tf.Tensor, v: tf.Tensor];

/** The step of active rows before its learning rate; `updates` counts this one too and is at least 1. */
function direction([, g, m, v]: Slots, updates: tf.Tensor, settings: LookaheadSettings): tf.Tensor {
  const { base, beta1, beta2, epsilon } = settings;
  if (base === 'centred-rmsprop')
    return tf.div(g, tf.add(tf.sqrt(tf.relu(tf.sub(v, tf.square(m)))), epsilon));
  const root = tf.sqrt(tf.div(v, correction(beta2, updates)));
  return tf.div(tf.div(m, correction(beta1, updates)), tf.add(root, epsilon));
}

function moveParameter(name: string, step: LookaheadStep): Record<'p' | keyof LookaheadState, tf.Tensor> {
  const { state, settings, sync } = step;
  const p = step.params[name] as tf.Tensor;
  const slot = (of: Parameters, what: string, shape: readonly number[] = p.shape): tf.Tensor => {
    const tensor = of[name];
    const where = `Lookahead, ${what} of '${name}'`;
    if (!tensor) throw new ShapeError(where, `shape ${formatShape(shape)}`, 'none');
    assertShape(tensor, shape, where);
    return tensor;
  };
  const R = [p.shape[0] ?? 1];
  const g = slot(step.grads, 'gradient');
  const active_R = step.active(name);
  assertShape(active_R, R, `Lookahead, active rows of '${name}'`);
  const active = alongRows(active_R, p);
  const m = towards(slot(state.m, 'first moment'), g, tf.mul(active, 1 - settings.beta1));
  const v = towards(slot(state.v, 'second moment'), tf.square(g), tf.mul(active, 1 - settings.beta2));
  const updates_R = tf.add(slot(state.updates, 'updates', R), active_R);
  const counted = alongRows(tf.maximum(updates_R, 1), p);
  const move = tf.mul(direction([p, g, m, v], counted, settings), step.learningRate);
  const fast = tf.sub(p, tf.mul(active, move));
  const hadSlow_R = slot(state.hasSlow, 'slow rows', R);
  const meets_R = tf.mul(active_R, sync);
  const pull = alongRows(tf.mul(meets_R, hadSlow_R), p);
  const take = alongRows(tf.mul(meets_R, tf.sub(1, hadSlow_R)), p);
  // Where slow weights are taken they become the fast ones; where they are pulled they move by α.
  const share = tf.add(take, tf.mul(pull, settings.slowStep));
  const slow = towards(slot(state.slow, 'slow weights'), fast, share);
  return {
    ...{ p: towards(fast, slow, pull), m, v, slow, updates: updates_R },
    hasSlow: tf.maximum(hadSlow_R, meets_R),
  };
}

/**
 * One update. Pure: the inputs stay, the results are new tensors that the caller (or its `tf.tidy`) owns.
 * @throws ShapeError if a gradient or a slot is missing or does not fit its parameter
 */
export function lookaheadStep(step: LookaheadStep): { params: Parameters; state: LookaheadState } {
  const result = tf.tidy(() => {
    const moved = Object.keys(step.params).map((name) => [name, moveParameter(name, step)] as const);
    const pick = (of: 'p' | keyof LookaheadState): Parameters =>
      Object.fromEntries(moved.map(([name, parts]) => [name, parts[of]]));
    const state = Object.fromEntries(LOOKAHEAD_SLOTS.map((of) => [of, pick(of)]));
    return { params: pick('p'), state } as unknown as tf.TensorContainerObject;
  });
  return result as unknown as ReturnType<typeof lookaheadStep>;
}
