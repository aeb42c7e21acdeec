/**
 * One optimisation step as a pure function of (parameters, optimizer state, batch, rates): that is what makes a resumed
 * run equal an uninterrupted one, and what lets it be recorded as a graph.
 */
import * as tf from '@tensorflow/tfjs-core';
import { classify, embedPatches, encode, logits, patchCount, type Vit } from '@vitrine/ml-nn';
import { adamwStep, type AdamWState } from '@vitrine/ml-optim';
import { assertShape, type Parameters } from '@vitrine/ml-tensor';
import { crossEntropy, meanDivergence, type Mix } from './cross-entropy.js';

export interface Batch {
  /** [B, C, S, S], in [0, 1]. */
  readonly pixels_BCHW: tf.Tensor4D;
  /** int32 in [0, K). */
  readonly labels_B: tf.Tensor1D;
  /** Of images that were blended. */
  readonly mix?: Mix | undefined;
}

/** The term that adversarial images add: `pgd` their cross-entropy (Madry et al.), `trades` their divergence from the clean ones. */
export interface AdversarialTerm {
  readonly kind: 'pgd' | 'trades';
  /** β. */
  readonly weight: number;
}

export interface Adversary extends AdversarialTerm {
  /** Of the shape of the clean images; no gradient flows into them. */
  readonly attacked_BCHW: tf.Tensor4D;
}

export interface TrainStepHyper {
  readonly beta1: number;
  readonly beta2: number;
  readonly labelSmoothing: number;
}

export interface GradientInput {
  readonly vit: Vit;
  readonly batch: Batch;
  /** Adds the loss of the same batch with this noise on its patch embeddings; no gradient flows into the noise. */
  readonly noise_1ND?: tf.Tensor3D;
  /** Adds the weighted term of adversarial images. */
  readonly adversary?: Adversary;
  /** Names of the parameters that learn; all, when absent. */
  readonly trainable?: readonly string[] | undefined;
  /** A factor on the loss, and so on its gradients. */
  readonly lossScale?: tf.Scalar;
  readonly hyper: TrainStepHyper;
}

export interface UpdateInput {
  readonly params: Parameters;
  readonly grads: Parameters;
  readonly optimizer: AdamWState;
  /** Of `adamwRates`. */
  readonly rates_3: tf.Tensor1D;
  readonly hyper: TrainStepHyper;
}

export type TrainStepInput = GradientInput & Pick<UpdateInput, 'optimizer' | 'rates_3'>;

/** Of the parameters that learn. */
export interface TrainStepOutput {
  readonly params: Parameters;
  readonly optimizer: AdamWState;
  readonly loss: tf.Scalar;
  /** L2 norm of their gradient. */
  readonly gradientNorm: tf.Scalar;
}

/**
 * What weight decay pulls on: matrices. Biases, LayerNorms, positions and the class token stay out, as in timm's
 * `param_groups_weight_decay` with the ViT's `no_weight_decay`.
 */
const decaysWeights = (name: string): boolean =>
  name.endsWith('.weight') && !/(^|\.)norm\d?\.weight$/.test(name);

/**
 * The mean cross-entropy of the batch, plus that of the noisy one or the weighted term of the attacked one, and its gradients.
 * @throws ShapeError
 */
export function lossAndGradients(input: GradientInput): { loss: tf.Scalar; grads: Parameters } {
  const { vit, batch, noise_1ND, adversary } = input;
  // Checked before the tape opens: an error inside would leave what the tape holds behind.
  assertShape(batch.labels_B, [batch.pixels_BCHW.shape[0]], 'labels_B');
  if (noise_1ND) assertShape(noise_1ND, [1, patchCount(vit.config), vit.config.width], 'noise_1ND');
  if (adversary) assertShape(adversary.attacked_BCHW, batch.pixels_BCHW.shape, 'attacked_BCHW');
  const { trainable: names = Object.keys(vit.params) } = input;
  const totalLoss = (...tensors: tf.Tensor[]): tf.Scalar => {
    const learning = Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor]));
    const loss = lossOf({ ...vit, params: { ...vit.params, ...learning } }, input);
    return input.lossScale ? tf.mul(loss, input.lossScale) : loss;
  };
  const valueAndGradients = tf.valueAndGrads(totalLoss);
  const { value, grads } = valueAndGradients(names.map((name) => vit.params[name] as tf.Tensor));
  return {
    loss: value as tf.Scalar,
    grads: Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor])),
  };
}

function lossOf(model: Vit, { batch, noise_1ND, adversary, hyper }: GradientInput): tf.Scalar {
  const { pixels_BCHW, labels_B, mix } = batch;
  const { labelSmoothing } = hyper;
  const toTargets = (logits_BK: tf.Tensor2D): tf.Scalar =>
    crossEntropy(logits_BK, { labels_B, labelSmoothing, mix });
  // Two kinds of images as one batch: half the operations, each twice as large.
  const halves = (logits_BK: tf.Tensor2D) => tf.split(logits_BK, 2) as [tf.Tensor2D, tf.Tensor2D];
  if (noise_1ND) {
    const patches_BND = embedPatches(model, pixels_BCHW);
    const both_BND = tf.concat([patches_BND, tf.add<tf.Tensor3D>(patches_BND, noise_1ND)], 0);
    const [clean_BK, noisy_BK] = halves(classify(model, encode(model, both_BND)));
    return tf.add(toTargets(clean_BK), toTargets(noisy_BK));
  }
  if (!adversary) return toTargets(logits(model, pixels_BCHW));
  const both_BCHW = tf.concat([pixels_BCHW, adversary.attacked_BCHW], 0);
  const [clean_BK, attacked_BK] = halves(logits(model, both_BCHW));
  const term = adversary.kind === 'pgd' ? toTargets(attacked_BK) : meanDivergence(clean_BK, attacked_BK);
  return tf.add(toTargets(clean_BK), tf.mul(term, adversary.weight));
}

/**
 * One AdamW update, with the decay of the architecture, of the parameters that have a gradient. Inputs stay; the results are
 * new tensors owned by the caller.
 */
export function applyGradients(input: UpdateInput): Omit<TrainStepOutput, 'loss'> {
  const { grads, optimizer, rates_3, hyper } = input;
  const { beta1, beta2 } = hyper;
  const params = Object.fromEntries(
    Object.keys(grads).map((name) => [name, input.params[name] as tf.Tensor]),
  );
  const update = { params, grads, state: optimizer, rates_3, beta1, beta2, decays: decaysWeights };
  const moved = adamwStep(update);
  return { params: moved.params, optimizer: moved.state, gradientNorm: moved.gradientNorm };
}

/**
 * Gradients of the loss of `lossAndGradients`, then one AdamW update. Inputs stay; the results are new tensors owned by the
 * caller.
 * @throws ShapeError
 */
export function trainStep(input: TrainStepInput): TrainStepOutput {
  return tf.tidy(() => {
    const { loss, grads } = lossAndGradients(input);
    const moved = applyGradients({ ...input, params: input.vit.params, grads });
    return { ...moved, loss } as unknown as tf.TensorContainerObject;
  }) as unknown as TrainStepOutput;
}
