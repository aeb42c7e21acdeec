/**
 * Axes: `B` batch, `C` channels, `H` `W` pixels, `K` classes. Logits and the gradient by the pixels of a loss that is chosen by a
 * number, in one pass forth and back: so that one captured function serves every attack.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { AttackedModel } from './attack-program.js';
import { oneHot, type Classifier } from './attacked-batch.js';

/** Of each image, up the hill of: its cross-entropy; max z_k − z_y; z_t − z_y; the targeted ratio of APGD-T. */
const LOSSES = ['crossEntropy', 'margin', 'difference', 'ratio'] as const;
export type SteeredLoss = (typeof LOSSES)[number];

/** Below so many classes there is no ratio: it takes the four largest logits. */
export const FEWEST_FOR_RATIO = 4;

export interface Steering {
  readonly labels: Int32Array;
  /** Class that each image is to be taken for; those of losses without target do not matter. */
  readonly targets?: Int32Array;
}

export interface HostSlope {
  readonly logits: Float32Array;
  readonly slope: Float32Array;
}

/** One call of the function `steer`. */
export function steer(
  model: AttackedModel,
  pixels: Float32Array,
  { loss, labels, targets = labels }: Steering & { readonly loss: SteeredLoss },
): HostSlope {
  const outputs = model.run('steer', {
    pixels,
    labels,
    targets,
    loss: Int32Array.of(LOSSES.indexOf(loss)),
  });
  return { logits: outputs['logits']?.data as Float32Array, slope: outputs['slope']?.data as Float32Array };
}

export interface SteeredBatch {
  readonly pixels_BCHW: tf.Tensor4D;
  readonly labels_B: tf.Tensor1D;
  readonly targets_B: tf.Tensor1D;
  readonly loss_1: tf.Tensor1D;
}

export function logitsAndSlope(
  classifier: Classifier,
  batch: SteeredBatch,
): { readonly logits_BK: tf.Tensor2D; readonly slope_BCHW: tf.Tensor4D } {
  return tf.tidy(() => {
    // What the logits are is the value; which way they are pulled is said here and not derived.
    const pulled = tf.customGrad((logits, save) => {
      (save as (tensors: tf.Tensor[]) => void)([logits as tf.Tensor]);
      return {
        value: tf.clone(logits as tf.Tensor),
        gradFunc: (_, saved) => pull((saved as tf.Tensor[])[0] as tf.Tensor2D, batch),
      };
    });
    const { value, grad } = tf.valueAndGrad((pixels) => pulled(classifier(pixels as tf.Tensor4D)))(
      batch.pixels_BCHW,
    );
    return { logits_BK: value as tf.Tensor2D, slope_BCHW: grad as tf.Tensor4D };
  });
}

/** Gradient of the loss by the logits. */
function pull(logits_BK: tf.Tensor2D, { labels_B, targets_B, loss_1 }: SteeredBatch): tf.Tensor2D {
  return tf.tidy(() => {
    const classes = logits_BK.shape[1];
    const own_BK = oneHot(labels_B, classes);
    const difference_BK = tf.sub<tf.Tensor2D>(oneHot(targets_B, classes), own_BK);
    const [rival_BK] = ranked(logits_BK, { without_BK: own_BK, places: 1 }) as [tf.Tensor2D];
    const pulls: Readonly<Record<SteeredLoss, tf.Tensor2D>> = {
      crossEntropy: tf.sub(tf.softmax(logits_BK), own_BK),
      margin: tf.sub(rival_BK, own_BK),
      difference: difference_BK,
      ratio: classes < FEWEST_FOR_RATIO ? difference_BK : ratioPull(logits_BK, difference_BK),
    };
    return LOSSES.reduce<tf.Tensor2D>(
      (chosen, loss, at) => tf.where(tf.equal(loss_1, at), pulls[loss], chosen),
      difference_BK,
    );
  });
}

/** Of (z_t − z_y) / (z_π1 − (z_π3 + z_π4) / 2), π being the order of the logits from the largest down (Croce & Hein, ICML 2020, eq. 6). */
function ratioPull(logits_BK: tf.Tensor2D, above_BK: tf.Tensor2D): tf.Tensor2D {
  const none_BK = tf.zerosLike(logits_BK);
  const places = ranked(logits_BK, { without_BK: none_BK, places: FEWEST_FOR_RATIO });
  const [first, , third, fourth] = places as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const below_BK = tf.sub(first, tf.mul(tf.add(third, fourth), 0.5));
  const dot = (weights_BK: tf.Tensor): tf.Tensor => tf.sum(tf.mul(logits_BK, weights_BK), 1, true);
  const scale_B1 = tf.add(dot(below_BK), 1e-12);
  const ratio_B1 = tf.div(dot(above_BK), scale_B1);
  return tf.div(tf.sub(above_BK, tf.mul(below_BK, ratio_B1)), scale_B1);
}

/** The largest logits one after another, as certainties of their classes. */
function ranked(
  logits_BK: tf.Tensor2D,
  { without_BK, places }: { readonly without_BK: tf.Tensor2D; readonly places: number },
): tf.Tensor2D[] {
  const lowest_BK = tf.fill(logits_BK.shape, -Infinity);
  let taken_BK = without_BK;
  return Array.from({ length: places }, () => {
    const left_BK = tf.where(tf.greater(taken_BK, 0), lowest_BK, logits_BK);
    const place_BK = oneHot(tf.argMax(left_BK, 1), logits_BK.shape[1]);
    taken_BK = tf.add(taken_BK, place_BK);
    return place_BK;
  });
}
