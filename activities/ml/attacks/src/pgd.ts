/**
 * Projected gradient descent in L∞: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR
 * 2018, section 2.1: from a random point of the ball, x ← Π(x + α sign(∇ₓ CE)). Reference followed: torchattacks 23620a6.
 *
 * Differs from the reference: the random start of an image is a function of (seed, image, restart), so it does not depend
 * on how the images are batched; of several restarts each image keeps the one with the largest error margin; and the clean
 * image is a candidate too, so accuracy under attack is never above clean accuracy.
 */
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import { ascend, type AttackedModel, type HostBatch } from './attack-program.js';
import { toPixel } from './pixel-range.js';

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

/** The worst pixels found for each image. */
export function pgd(model: AttackedModel, batch: HostBatch, options: PgdOptions): Float32Array {
  const search = pgdSteps(model, batch, options);
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

/** `pgd` in pieces: yields after every gradient step, so that a caller with other duties can see to them. */
export function* pgdSteps(
  model: AttackedModel,
  batch: HostBatch,
  options: PgdOptions,
): Generator<void, Float32Array, void> {
  let worst = batch.pixels;
  for (let restart = 0; restart < options.restarts; restart++) {
    let attacked = startOf(batch, options, restart);
    for (let step = 0; step < options.steps; step++) {
      attacked = ascend(model, attacked, { ...batch, limits: [options.epsilon, options.stepSize] });
      yield;
    }
    worst = worseOf(model, batch.labels, [worst, attacked]);
  }
  return worst;
}

/** Of two candidates for each image the one with the larger error margin; the first on a tie. */
function worseOf(
  model: AttackedModel,
  labels: Int32Array,
  [first, second]: readonly [Float32Array, Float32Array],
): Float32Array {
  const margins = (pixels: Float32Array): ArrayLike<number> =>
    model.run('margins', { pixels, labels })['margins']?.data ?? [];
  const [before, after] = [margins(first), margins(second)];
  const stride = first.length / labels.length;
  const worse = first.slice();
  labels.forEach((_, image) => {
    if ((after[image] ?? NaN) > (before[image] ?? NaN))
      worse.set(second.subarray(image * stride, (image + 1) * stride), image * stride);
  });
  return worse;
}

/** The clean pixels, moved by U(−ε, ε) each and clipped to [0, 1], unless the start is not random. */
function startOf({ pixels, labels }: HostBatch, options: PgdOptions, restart: number): Float32Array {
  const { epsilon, seed, index } = options;
  if (options.randomStart === false) return pixels;
  const stride = pixels.length / labels.length;
  const start = pixels.slice();
  labels.forEach((_, image) => {
    const key = { seed, purpose: PURPOSE.attackStart, step: restart, index: index + image };
    uniform(key, stride).forEach((draw, at) => {
      const moved = (pixels[image * stride + at] ?? 0) + (2 * draw - 1) * epsilon;
      start[image * stride + at] = toPixel(moved);
    });
  });
  return start;
}
