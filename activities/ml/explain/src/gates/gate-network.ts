/**
 * The gates of Vision DiffMask: for each hidden state of the ViT a small network that votes on every token. Paper:
 * Nalmpantis et al., "Vision DiffMask: Faithful Interpretation of Vision Transformers with Differentiable Patch Masking",
 * CVPR workshops 2023, section 2.2; reference followed: the authors' code, MIT licence.
 *
 *     x = [h̄₀ h_i],   a = tanh(V₁ x + b₁),   o = tanh(V₂ a + b₂),   u_i = mul · o + add_i
 *
 * with weight-normalised V = g v / ‖v‖ per output (Salimans & Kingma, NeurIPS 2016). State 0 is the patch embedding before
 * positions with the class token in front, h̄₀ itself; states 1 … L + 1 are the stream before each block and behind the last.
 * All gates are stacked: axis G, of L + 2. Axes: M = B·T rows, D width, U hidden units.
 *
 * Differs from the paper, as its code: `add` is trained, one number per gate.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  PURPOSE,
  sizeOfShape,
  uniform,
  normal,
  type HostTensor,
  type Parameters,
  type StateDict,
} from '@vitrine/ml-tensor';

export interface GateShape {
  /** L + 2, the hidden states that have a gate. */
  readonly gates: number;
  /** D. */
  readonly width: number;
  /** U. */
  readonly hidden: number;
}

/** The shape of every parameter of the gates, by name. */
export const gateParameterShapes = ({ gates: G, width: D, hidden: U }: GateShape) =>
  ({
    'hidden.v': [G, U, 2 * D],
    'hidden.g': [G, U],
    'hidden.bias': [G, U],
    'vote.v': [G, U],
    'vote.g': [G],
    'vote.bias': [G],
    add: [G],
  }) as const satisfies Record<string, readonly number[]>;

/** Of the vector that stands for a masked patch. */
export const placeholderShape = ({ width }: GateShape): readonly [number, number] => [1, width];

/** Norms of the rows of `data`, each of `length`. */
const rowNorms = (data: Float32Array, length: number): Float32Array =>
  Float32Array.from({ length: data.length / length }, (_, row) =>
    Math.hypot(...data.subarray(row * length, (row + 1) * length)),
  );

/** PyTorch's start of a linear layer, U(±1/√fanIn) for weights and biases, with g = ‖v‖; `add` as given for every gate. */
export function initGates(
  shape: GateShape,
  options: { readonly seed: number; readonly add: number },
): StateDict {
  const shapes = gateParameterShapes(shape);
  const { width, hidden, gates } = shape;
  const draw = (name: keyof typeof shapes, index: number, fanIn: number): Float32Array =>
    uniform({ seed: options.seed, purpose: PURPOSE.gateStart, index }, sizeOfShape(shapes[name])).map(
      (value) => (2 * value - 1) / Math.sqrt(fanIn),
    );
  const hiddenV = draw('hidden.v', 0, 2 * width);
  const voteV = draw('vote.v', 2, hidden);
  const data = {
    'hidden.v': hiddenV,
    'hidden.g': rowNorms(hiddenV, 2 * width),
    'hidden.bias': draw('hidden.bias', 1, 2 * width),
    'vote.v': voteV,
    'vote.g': rowNorms(voteV, hidden),
    'vote.bias': draw('vote.bias', 3, hidden),
    add: new Float32Array(gates).fill(options.add),
  };
  return Object.fromEntries(
    Object.entries(shapes).map(([name, extents]): [string, HostTensor] => [
      name,
      { dtype: 'float32', shape: extents, data: data[name as keyof typeof data] },
    ]),
  );
}

/** Xavier's normal start of a [1, 1, D] tensor, whose fans are both D; zeros where no placeholder is learned. */
export function initPlaceholder(
  shape: GateShape,
  options: { readonly seed: number; readonly learned: boolean },
): HostTensor {
  const { width } = shape;
  const key = { seed: options.seed, purpose: PURPOSE.gateStart, index: 4 };
  const data = options.learned
    ? normal(key, width).map((z) => z / Math.sqrt(width))
    : new Float32Array(width);
  return { dtype: 'float32', shape: placeholderShape(shape), data };
}

/** g v / ‖v‖, rows along the last axis. */
function normalisedWeights(v: tf.Tensor, g: tf.Tensor): tf.Tensor {
  const norm = tf.sqrt(tf.sum(tf.square(v), v.rank - 1, true));
  return tf.mul(v, tf.div(tf.expandDims(g, g.rank), norm));
}

export interface GateInputs {
  /** States 0 … L + 1, each [M, D]; the first is h̄₀. */
  readonly states: readonly tf.Tensor2D[];
  /** mul. */
  readonly stretch: number;
}

/** The logits of all gates, [G, M]. Differentiable by the parameters of the gates. */
export function gateLogits(gates: Parameters, { states, stretch }: GateInputs): tf.Tensor2D {
  const of = (name: string): tf.Tensor => gates[name] as tf.Tensor;
  const [G, U, twoD] = of('hidden.v').shape as [number, number, number];
  const D = twoD / 2;
  return tf.tidy(() => {
    const weights_GUX = normalisedWeights(of('hidden.v'), of('hidden.g'));
    const first_GUD = tf.slice(weights_GUX, [0, 0, 0], [G, U, D]);
    const second_UDs = tf.unstack(tf.slice(weights_GUX, [0, 0, D], [G, U, D]));
    // h̄₀ is the same for all gates: one product for them all, and no copy of it beside each state.
    const embedding_1MD = tf.expandDims(states[0] as tf.Tensor2D);
    const fromEmbedding_GMU = tf.matMul<tf.Tensor3D>(embedding_1MD, first_GUD, false, true);
    const fromState_GMU = tf.stack(
      states.map((state_MD, gate) => tf.matMul(state_MD, second_UDs[gate] as tf.Tensor2D, false, true)),
    );
    const bias_G1U = tf.expandDims(of('hidden.bias'), 1);
    const active_GMU = tf.tanh(tf.add(tf.add(fromEmbedding_GMU, fromState_GMU), bias_G1U));
    const vote_GU1 = tf.expandDims(normalisedWeights(of('vote.v'), of('vote.g')), 2);
    const vote_GM = tf.reshape(tf.matMul(active_GMU, vote_GU1), [G, -1]);
    const o_GM = tf.tanh(tf.add(vote_GM, tf.expandDims(of('vote.bias'), 1)));
    return tf.add<tf.Tensor2D>(tf.mul(o_GM, stretch), tf.expandDims(of('add'), 1));
  });
}
