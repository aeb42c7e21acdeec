/**
 * Noises [M, N, D] on the patch embeddings that hardly change the outputs for any image: elements of the encoder's
 * approximate null space. Each is sought by itself; those sought at once share the clean outputs of a batch.
 *
 * Paper: Liu et al., CPAL 2025 (arXiv 2403.10476), equation 6 (`logBarrier`) and the noise of the finetuning method.
 * Reference followed: github.com/Liu-Hy/easyrobust, commit f72cee0, examples/imageclassification/imagenet/dat/utils.py.
 *
 * Start at U(−limit, limit), outside the set, and descend a distance of the outputs; stop when a distance of the
 * probabilities is below ε, tested before the update. The model stays as it is.
 *
 * Differs from the reference: batches come from the caller, so a pass is not begun anew for each round. Differs from the
 * paper: as its code, no term −λ log‖δ‖ unless asked for; the size comes from the start.
 */
import * as tf from '@tensorflow/tfjs-core';
import { adamwStep, type AdamWState } from '@vitrine/ml-optim';
import { distancePerImage, meanDistance } from './distances.js';
import { cleanOutputs, noisyOutputs, type CleanOutputs, type SplitModel } from './split-model.js';
import { synthesisLoss } from './synthesis-loss.js';
import { BETA_1, BETA_2, distanceOf, type SynthesisSettings } from './synthesis-settings.js';

/** The tensors that the next step depends on; with the number of updates done it is all of a checkpoint. */
export interface SynthesisState {
  readonly noise_MND: tf.Tensor3D;
  /** Moments of `noise`; without entries where nothing has moments. */
  readonly optimizer: AdamWState;
  /** The criterion on the last batches, the newest last; infinite before there were so many. */
  readonly recent_MW: tf.Tensor2D;
  /** 1 for a noise that has met the tolerance, which moves no more. */
  readonly done_M: tf.Tensor1D;
}

export interface SynthesisStep {
  /** After the step. */
  readonly state: SynthesisState;
  /** Of the noise as given, on this batch. */
  readonly mseProbs: tf.Tensor1D;
  /** Squared distance of the logits, likewise. */
  readonly mseLogits: tf.Tensor1D;
  /** What is descended, likewise: the distance less λ log‖δ‖. */
  readonly loss: tf.Tensor1D;
  /** What was compared with ε; infinite when nothing was. */
  readonly tested: tf.Tensor1D;
  /** Frobenius norm of the noise in `state`. */
  readonly norm: tf.Tensor1D;
}

const SHRINK = 0.8;

/** Whether the settings call for moments. */
export const hasMoments = ({ mode, optimizer }: Pick<SynthesisSettings, 'mode' | 'optimizer'>): boolean =>
  mode === 'learned' && optimizer === 'adamw';

/** Batches whose criterion is remembered. */
export const batchesRemembered = ({
  stopOn,
  window,
}: Pick<SynthesisSettings, 'stopOn' | 'window'>): number => (stopOn === 'average' ? window : 1);

export interface SynthesisSearch {
  readonly state: SynthesisState;
  readonly settings: SynthesisSettings;
  /** Of `synthesisRates`. */
  readonly rates_3: tf.Tensor1D;
  /** The criterion on held-out images where it was looked at just now, else infinite. */
  readonly heldOut_M: tf.Tensor1D;
}

/**
 * Tests the noises on one batch, then moves those that do not meet the tolerance. Pure: new tensors, those given are left
 * alone.
 * @param model its weights do not change
 * @param pixels_BCHW in [0, 1]
 */
export function synthesisStep(
  model: SplitModel,
  pixels_BCHW: tf.Tensor4D,
  search: SynthesisSearch,
): SynthesisStep {
  const { state, settings, heldOut_M } = search;
  return tf.tidy(() => {
    const clean = cleanOutputs(model, pixels_BCHW);
    const { logits_MBK, loss, moved } =
      settings.mode === 'learned' ? descent(model, clean, search) : shrinking(model, clean, search);
    const measured = meanDistance<tf.Rank.R1>(distanceOf(settings.criterion), clean.logits_BK, logits_MBK);
    const recent_MW = remember(state.recent_MW, measured);
    const tested =
      settings.stopOn === 'batch' || settings.stopOn === 'average'
        ? tf.mean<tf.Tensor1D>(recent_MW, 1)
        : heldOut_M;
    const met_M = tf.cast(tf.less(tested, settings.epsilon), 'float32');
    const done_M = tf.maximum<tf.Tensor1D>(state.done_M, met_M);
    const next = unless(done_M, state, moved);
    const result: SynthesisStep = {
      state: { ...next, recent_MW, done_M },
      mseProbs: meanDistance('probs-sq', clean.logits_BK, logits_MBK),
      mseLogits: meanDistance('sq', clean.logits_BK, logits_MBK),
      loss,
      tested: tested.clone(),
      norm: norms(next.noise_MND),
    };
    return result as unknown as tf.TensorContainerObject;
  }) as unknown as SynthesisStep;
}

/**
 * Sums over images of the criterion, one of each noise.
 * @param weights_B 1 for an image that counts, 0 for one that fills the batch
 */
export function criterionSums(
  model: SplitModel,
  pixels_BCHW: tf.Tensor4D,
  of: {
    readonly noise_MND: tf.Tensor3D;
    readonly weights_B: tf.Tensor1D;
    readonly settings: Pick<SynthesisSettings, 'criterion'>;
  },
): tf.Tensor1D {
  return tf.tidy(() => {
    const clean = cleanOutputs(model, pixels_BCHW);
    const { logits_MBK } = noisyOutputs(model, clean.patches_BND, of.noise_MND);
    const each_MB = distancePerImage(distanceOf(of.settings.criterion), clean.logits_BK, logits_MBK);
    return tf.sum<tf.Tensor1D>(tf.mul(each_MB, of.weights_B), 1);
  });
}

const norms = (noise_MND: tf.Tensor3D): tf.Tensor1D =>
  tf.sqrt(tf.sum<tf.Tensor1D>(tf.square(noise_MND), [1, 2]));

/** The values moved up by one, with the newest behind them. */
function remember(recent_MW: tf.Tensor2D, newest_M: tf.Tensor1D): tf.Tensor2D {
  const newest_M1 = tf.reshape<tf.Rank.R2>(newest_M, [-1, 1]);
  if (recent_MW.shape[1] === 1) return newest_M1;
  return tf.concat([tf.slice(recent_MW, [0, 1], [-1, -1]), newest_M1], 1);
}

type Moved = Pick<SynthesisState, 'noise_MND' | 'optimizer'>;

/** The old values of each noise that is done, the new ones of the others. */
function unless(done_M: tf.Tensor1D, old: Moved, next: Moved): Moved {
  const kept_M11 = tf.reshape(tf.greater(done_M, 0.5), [-1, 1, 1]);
  const choose = <T extends tf.Tensor>(kept: T, moved: T): T => tf.where(kept_M11, kept, moved);
  const all = (kept: AdamWState['m'], moved: AdamWState['m']): AdamWState['m'] =>
    Object.fromEntries(
      Object.entries(kept).map(([name, tensor]) => [name, choose(tensor, moved[name] as tf.Tensor)]),
    );
  return {
    noise_MND: choose(old.noise_MND, next.noise_MND),
    optimizer: { m: all(old.optimizer.m, next.optimizer.m), v: all(old.optimizer.v, next.optimizer.v) },
  };
}

interface NoisyPass {
  readonly logits_MBK: tf.Tensor3D;
  readonly loss: tf.Tensor1D;
  readonly moved: Moved;
}

function descent(model: SplitModel, clean: CleanOutputs, search: SynthesisSearch): NoisyPass {
  const { state, settings, rates_3 } = search;
  let seen: { readonly loss_M: tf.Tensor1D; readonly logits_MBK: tf.Tensor3D } | undefined;
  const { grad } = tf.valueAndGrad((noise) => {
    const pass = synthesisLoss(model, clean, { noise_MND: noise as tf.Tensor3D, settings });
    seen = { loss_M: tf.keep(pass.loss_M.clone()), logits_MBK: tf.keep(pass.logits_MBK.clone()) };
    return tf.sum<tf.Scalar>(pass.loss_M);
  })(state.noise_MND);
  const { loss_M, logits_MBK } = seen as NonNullable<typeof seen>;
  const pass = { loss: loss_M.clone(), logits_MBK: logits_MBK.clone() };
  tf.dispose([loss_M, logits_MBK]);
  if (!hasMoments(settings)) {
    const [rate, , decay] = tf.split(rates_3, 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const noise_MND = tf.sub<tf.Tensor3D>(tf.mul(state.noise_MND, decay), tf.mul(grad, rate));
    return { ...pass, moved: { noise_MND, optimizer: state.optimizer } };
  }
  const { params, state: optimizer } = adamwStep({
    params: { noise: state.noise_MND },
    grads: { noise: grad },
    state: state.optimizer,
    rates_3,
    beta1: BETA_1,
    beta2: BETA_2,
  });
  return { ...pass, moved: { noise_MND: params['noise'] as tf.Tensor3D, optimizer } };
}

function shrinking(
  model: SplitModel,
  clean: CleanOutputs,
  { state: { noise_MND, optimizer }, settings }: SynthesisSearch,
): NoisyPass {
  const { loss_M, logits_MBK } = synthesisLoss(model, clean, { noise_MND, settings });
  return { logits_MBK, loss: loss_M, moved: { noise_MND: tf.mul(noise_MND, SHRINK), optimizer } };
}
