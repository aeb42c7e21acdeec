/**
 * Projected gradient descent in L∞: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR
 * 2018, section 2.1: from a random point of the ball, x ← Π(x + α sign(∇ₓ CE)). Reference followed: torchattacks 23620a6.
 *
 * Differs from the reference: the random start of an image is a function of (seed, image, restart), so it does not depend
 * on how the images are batched; of several restarts each image keeps the one with the largest error margin; and the clean
 * image is a candidate too, so accuracy under attack is never above clean accuracy.
 */
import * as tf from '@tensorflow/tfjs-core';
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import {
  ascentDirection,
  errorMargin,
  projectOnBall,
  type Batch,
  type Classifier,
} from './attacked-batch.js';

export interface PgdOptions {
  /** Budget in L∞, in pixels of [0, 1]. */
  readonly epsilon: number;
  /** α, likewise. */
  readonly stepSize: number;
  readonly steps: number;
  readonly restarts: number;
  readonly seed: number;
  /** Number of the first image of the batch within its data set. */
  readonly index: number;
  /** Start at a random point of the ball; at the clean image when false. Default true. */
  readonly randomStart?: boolean;
}

/** The worst pixels found for each image, [B, C, H, W]; the caller disposes of them. */
export function pgd(classifier: Classifier, batch: Batch, options: PgdOptions): tf.Tensor4D {
  const search = pgdSteps(classifier, batch, options);
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

/**
 * `pgd` in pieces: yields after every gradient step, so that a caller with other duties can see to them. Abandoned in the
 * middle (by `return` or the end of a `for … of`) it frees what it holds.
 */
export function* pgdSteps(
  classifier: Classifier,
  batch: Batch,
  options: PgdOptions,
): Generator<void, tf.Tensor4D, void> {
  let worst_BCHW = batch.pixels_BCHW.clone();
  let finished = false;
  try {
    for (let restart = 0; restart < options.restarts; restart++) {
      const found_BCHW = yield* ascend(classifier, batch, { ...options, restart });
      const worse_BCHW = worseOf(classifier, batch.labels_B, [worst_BCHW, found_BCHW]);
      tf.dispose([worst_BCHW, found_BCHW]);
      worst_BCHW = worse_BCHW;
    }
    finished = true;
    return worst_BCHW;
  } finally {
    if (!finished) worst_BCHW.dispose();
  }
}

/** Of two candidates for each image the one with the larger error margin; the first on a tie. */
function worseOf(
  classifier: Classifier,
  labels_B: tf.Tensor1D,
  [first_BCHW, second_BCHW]: readonly [tf.Tensor4D, tf.Tensor4D],
): tf.Tensor4D {
  return tf.tidy(() => {
    const first_B = errorMargin(classifier(first_BCHW), labels_B);
    const second_B = errorMargin(classifier(second_BCHW), labels_B);
    return tf.where(tf.reshape(tf.greater(second_B, first_B), [-1, 1, 1, 1]), second_BCHW, first_BCHW);
  });
}

function* ascend(
  classifier: Classifier,
  { pixels_BCHW, labels_B }: Batch,
  options: PgdOptions & { readonly restart: number },
): Generator<void, tf.Tensor4D, void> {
  const { epsilon, stepSize } = options;
  let attacked_BCHW = tf.tidy(() =>
    options.randomStart === false
      ? pixels_BCHW.clone()
      : projectOnBall(tf.add(pixels_BCHW, randomStart(pixels_BCHW.shape, options)), pixels_BCHW, epsilon),
  );
  let finished = false;
  try {
    for (let step = 0; step < options.steps; step++) {
      const from_BCHW = attacked_BCHW;
      attacked_BCHW = tf.tidy(() => {
        const direction = ascentDirection(classifier, { pixels_BCHW: from_BCHW, labels_B });
        const moved = tf.add<tf.Tensor4D>(from_BCHW, tf.mul(direction, stepSize));
        return projectOnBall(moved, pixels_BCHW, epsilon);
      });
      from_BCHW.dispose();
      yield;
    }
    finished = true;
    return attacked_BCHW;
  } finally {
    if (!finished) attacked_BCHW.dispose();
  }
}

/** U(−ε, ε) for every pixel. */
function randomStart(
  shape: [number, number, number, number],
  { seed, index, restart, epsilon }: PgdOptions & { readonly restart: number },
): tf.Tensor4D {
  const [images, ...rest] = shape;
  const stride = rest.reduce((product, extent) => product * extent, 1);
  const start = new Float32Array(images * stride);
  for (let image = 0; image < images; image++) {
    const draws = uniform(
      { seed, purpose: PURPOSE.attackStart, step: restart, index: index + image },
      stride,
    );
    start.set(
      draws.map((value) => (2 * value - 1) * epsilon),
      image * stride,
    );
  }
  return tf.tensor4d(start, shape);
}
