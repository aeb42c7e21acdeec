/**
 * One step of Vision DiffMask as a pure function. Paper: Nalmpantis et al. 2023, equations 4 and 5; reference as in
 * `gate-network.ts`.
 *
 *     loss = mean over images of λ_k (KL(original ‖ masked) − m) + mean over tokens of Σ_{i ≤ k} log P(z_i > 0)
 *
 * Gates and placeholder descend, the multiplier λ_k ascends and stays in [0, `multiplierMax`].
 *
 * Differs from the released code: its hook that should turn the multiplier's gradient round acts on an empty one, so there
 * the multiplier descends (`descent-as-released`); one pass serves both updates there where two are made
 * (`separate-as-released`). Differs from the paper, as the code: a multiplier per depth, a random depth per batch, the
 * logarithm in the penalty. `GateSettings` names the other side of each.
 * Axes: G gates, B images, N patches, T tokens, R rows of multipliers.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Vit } from '@vitrine/ml-nn';
import type { Parameters } from '@vitrine/ml-tensor';
import { gateLogits } from './gate-network.js';
import { clampLogit, logOpen, sampleGate } from './hard-concrete.js';
import { agreement, cleanPass, divergence, maskedLogits, type CleanPass } from './masking.js';
import type { GateSettings } from './settings.js';

export interface Masker {
  /** Of `gateParameterShapes`. */
  readonly gates: Parameters;
  readonly placeholder_1D: tf.Tensor2D;
}

export interface GateBatch {
  readonly pixels_BCHW: tf.Tensor4D;
  /** U(0, 1), [G, B, N]. */
  readonly noise_GBN: tf.Tensor3D;
  /** 1 for gates 0 … k, else 0. */
  readonly active_G: tf.Tensor1D;
}

export interface Objective {
  readonly loss: tf.Scalar;
  /** mean KL − m. */
  readonly constraint: tf.Scalar;
  readonly figures: Readonly<Record<'divergence' | 'penalty' | 'kept' | 'agreement', tf.Scalar>>;
}

/** Votes of the gates that take part: log P(z > 0) [G, B, T], and the product of their samples [B, N]. */
function vote(
  masker: Masker,
  clean: CleanPass,
  { batch, settings }: { readonly batch: GateBatch; readonly settings: GateSettings },
): { readonly logOpen_GBT: tf.Tensor3D; readonly mask_BN: tf.Tensor2D } {
  const [G, B, N] = batch.noise_GBN.shape;
  const active_G11 = tf.reshape<tf.Rank.R3>(batch.active_G, [G, 1, 1]);
  const logits_GM = gateLogits(masker.gates, { states: clean.states, stretch: settings.stretch });
  const logits_GBT = tf.reshape<tf.Rank.R3>(logits_GM, [G, B, N + 1]);
  const patches_GBN = tf.slice(logits_GBT, [0, 0, 1], [G, B, N]);
  const drawn_GBN = sampleGate(settings.clampLogits ? clampLogit(patches_GBN) : patches_GBN, batch.noise_GBN);
  // A gate that takes no part is open: 1 − active (1 − z).
  const open_GBN = tf.sub<tf.Tensor3D>(1, tf.mul(active_G11, tf.sub(1, drawn_GBN)));
  const mask_BN = (tf.unstack(open_GBN) as tf.Tensor2D[]).reduce((product, gate) => tf.mul(product, gate));
  return { logOpen_GBT: tf.mul(logOpen(logits_GBT), active_G11), mask_BN };
}

/** Mean over tokens of the summed log-probabilities, or of their product. */
function penaltyOf(logOpen_GBT: tf.Tensor3D, { penalty, penaliseClass }: GateSettings): tf.Scalar {
  const summed_BT = tf.sum<tf.Tensor2D>(logOpen_GBT, 0);
  const [B, T] = summed_BT.shape;
  const counted = penaliseClass ? summed_BT : tf.slice(summed_BT, [0, 1], [B, T - 1]);
  return tf.mean(penalty === 'probability' ? tf.exp(counted) : counted);
}

/** The loss of a batch at a multiplier. Differentiable by gates and placeholder; the model is frozen. */
export function objective(
  {
    vit,
    masker,
    clean,
    multiplier,
  }: {
    readonly vit: Vit;
    readonly masker: Masker;
    readonly clean: CleanPass;
    readonly multiplier: tf.Scalar;
  },
  batch: GateBatch,
  settings: GateSettings,
): Objective {
  const { logOpen_GBT, mask_BN } = vote(masker, clean, { batch, settings });
  const { placeholder_1D } = masker;
  const masked_BK = maskedLogits(vit, clean, { mask_BN, placeholder_1D });
  const mean = tf.mean<tf.Scalar>(divergence(clean.logits_BK, masked_BK));
  const constraint = tf.sub<tf.Scalar>(mean, settings.tolerance);
  const penalty = penaltyOf(logOpen_GBT, settings);
  const loss = tf.add<tf.Scalar>(tf.mul(multiplier, constraint), penalty);
  const kept = tf.mean<tf.Scalar>(mask_BN);
  const figures = { divergence: mean, penalty, kept, agreement: agreement(clean.logits_BK, masked_BK) };
  return { loss, constraint, figures };
}

/** Loss, constraint and figures of a batch, with the gradients of gates and placeholder. */
export function gateGradients(
  { vit, masker, multiplier }: { readonly vit: Vit; readonly masker: Masker; readonly multiplier: tf.Scalar },
  batch: GateBatch,
  settings: GateSettings,
): Objective & { readonly grads: Parameters } {
  const names = Object.keys(masker.gates);
  const clean = cleanPass(vit, batch.pixels_BCHW);
  let seen: Objective | undefined;
  const lossOf = (...tensors: tf.Tensor[]): tf.Scalar => {
    const gates = Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor]));
    const placeholder_1D = tensors[names.length] as tf.Tensor2D;
    const found = objective({ vit, masker: { gates, placeholder_1D }, clean, multiplier }, batch, settings);
    const keep = (tensor: tf.Scalar): tf.Scalar => tf.keep(tensor.clone());
    const figures = Object.entries(found.figures).map(([name, tensor]) => [name, keep(tensor)] as const);
    seen = { ...found, constraint: keep(found.constraint), figures: Object.fromEntries(figures) as never };
    return found.loss;
  };
  const { value, grads } = tf.valueAndGrads(lossOf)([
    ...names.map((name) => masker.gates[name] as tf.Tensor),
    masker.placeholder_1D,
  ]);
  const kept = seen as unknown as Objective;
  // Clones that belong to the caller's tidy; what was kept past the tape goes.
  const release = (tensor: tf.Scalar): tf.Scalar => {
    const copy = tensor.clone();
    tensor.dispose();
    return copy;
  };
  const figures = Object.entries(kept.figures).map(([name, tensor]) => [name, release(tensor)] as const);
  return {
    loss: value as tf.Scalar,
    constraint: release(kept.constraint),
    figures: Object.fromEntries(figures) as unknown as Objective['figures'],
    grads: Object.fromEntries([...names, PLACEHOLDER].map((name, i) => [name, grads[i] as tf.Tensor])),
  };
}

/** Name of the placeholder among the parameters that are trained. */
export const PLACEHOLDER = 'placeholder';
