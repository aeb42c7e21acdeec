/** Axes: `B` batch, `C` channels, `H` `W` pixels, `K` classes. */
import * as tf from '@tensorflow/tfjs-core';
import { logits, type Vit } from '@vitrine/ml-nn';

/** Logits [B, K] of pixels in [0, 1]; normalisation is inside, so budgets are in the units of these pixels. */
export type Classifier = (pixels_BCHW: tf.Tensor4D) => tf.Tensor2D;

/** A ViT as attacks see it: its weights stay out of every gradient. */
export function vitClassifier(vit: Vit): Classifier {
  const frozen = { ...vit, frozen: true };
  return (pixels_BCHW) => logits(frozen, pixels_BCHW);
}

/** The nearest pixels inside [0, 1] and no further than ε from the clean ones. */
export function projectOnBall(
  pixels_BCHW: tf.Tensor4D,
  clean_BCHW: tf.Tensor4D,
  epsilon: tf.Scalar,
): tf.Tensor4D {
  return tf.tidy(() => {
    const inBall = tf.minimum(
      tf.maximum(pixels_BCHW, tf.sub(clean_BCHW, epsilon)),
      tf.add(clean_BCHW, epsilon),
    );
    return tf.minimum<tf.Tensor4D>(tf.maximum(inBall, 0), 1);
  });
}

/**
 * Sign of the gradient by the pixels of the cross-entropy with the targets: the steepest ascent of a step bounded in L∞.
 * @param targetsOf a distribution over so many classes for every image
 */
export function ascentDirection(
  classifier: Classifier,
  pixels_BCHW: tf.Tensor4D,
  targetsOf: (classes: number) => tf.Tensor2D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const gradient = tf.grad((pixels: tf.Tensor) => {
      const logits_BK = classifier(pixels as tf.Tensor4D);
      // The sum over images gives every image its own gradient, independent of the batch it is in.
      return tf.neg(tf.sum(tf.mul(targetsOf(logits_BK.shape[1]), tf.logSoftmax(logits_BK))));
    });
    return tf.sign(gradient(pixels_BCHW)) as tf.Tensor4D;
  });
}

export interface AscentStep {
  readonly pixels_BCHW: tf.Tensor4D;
  readonly clean_BCHW: tf.Tensor4D;
  /** [ε, size of the step]. */
  readonly limits_2: tf.Tensor1D;
}

/** The pixels after a step along `ascentDirection`, back in the ball around the clean ones. */
export function ascentStep(
  classifier: Classifier,
  { pixels_BCHW, clean_BCHW, limits_2 }: AscentStep,
  targetsOf: (classes: number) => tf.Tensor2D,
): tf.Tensor4D {
  const [epsilon, stepSize] = tf.unstack(limits_2) as [tf.Scalar, tf.Scalar];
  const step_BCHW = tf.mul(ascentDirection(classifier, pixels_BCHW, targetsOf), stepSize);
  return projectOnBall(tf.add<tf.Tensor4D>(pixels_BCHW, step_BCHW), clean_BCHW, epsilon);
}

/** Of the inputs of a program that are named so. */
export const ascentInputs = (inputs: Readonly<Record<string, tf.Tensor>>): AscentStep => ({
  pixels_BCHW: inputs['pixels'] as tf.Tensor4D,
  clean_BCHW: inputs['clean'] as tf.Tensor4D,
  limits_2: inputs['limits'] as tf.Tensor1D,
});

/** Certainty of each label. */
export const oneHot = (labels_B: tf.Tensor1D, classes: number): tf.Tensor2D =>
  tf.oneHot(labels_B, classes, 1, 0, 'float32') as tf.Tensor2D;

/** max over k ≠ y of z_k − z_y, per image: positive means misclassified, and more of it further so. */
export function errorMargin(logits_BK: tf.Tensor2D, labels_B: tf.Tensor1D): tf.Tensor1D {
  return tf.tidy(() => {
    const isLabel_BK = tf.oneHot(labels_B, logits_BK.shape[1], 1, 0, 'bool');
    const own_B = tf.sum(tf.where(isLabel_BK, logits_BK, tf.zerosLike(logits_BK)), 1);
    const others_BK = tf.where(isLabel_BK, tf.fill(logits_BK.shape, -Infinity), logits_BK);
    return tf.sub<tf.Tensor1D>(tf.max(others_BK, 1), own_B);
  });
}
