/**
 * Carlini & Wagner in L2: "Towards Evaluating the Robustness of Neural Networks", S&P 2017, section VI-A: pixels are
 * (tanh w + 1) / 2, and Adam lessens ‖δ‖² + c max(z_y − max z_k, −κ) over w. Reference followed: torchattacks 3.5.1.
 *
 * Differs from the reference: another class is never taken to have logit 0 because all others are below; images are not given up
 * because the mean over their batch rises, so that an image's result does not depend on its batch.
 */
import { isRight } from './answers.js';
import type { AttackedModel, HostBatch } from './attack-program.js';
import { marginOf } from './host-losses.js';
import { steer } from './steered-slope.js';

export interface CarliniWagnerOptions {
  /** Weight of being wrong against changing little. */
  readonly c: number;
  /** How far wrong is enough, in logits. */
  readonly kappa: number;
  readonly steps: number;
  readonly learningRate: number;
}

const [BETA_1, BETA_2, TINY] = [0.9, 0.999, 1e-8];

/**
 * Yields after every pass of the model. For each image the nearest pixels found that make it wrong; its clean ones where none were
 * found, or where it is wrong already.
 */
export function* carliniWagnerSteps(
  model: AttackedModel,
  { pixels: clean, labels }: HostBatch,
  { c, kappa, steps, learningRate }: CarliniWagnerOptions,
): Generator<void, Float32Array, void> {
  const stride = clean.length / labels.length;
  const margin = marginOf(labels);
  const nearest = new Float64Array(labels.length).fill(Infinity);
  const found = clean.slice();
  // Infinite at black and white, where the gradient by w is none: such entries stay, as in the reference.
  const w = Float64Array.from(clean, (pixel) => Math.atanh(2 * pixel - 1));
  const first = new Float64Array(clean.length);
  const second = new Float64Array(clean.length);
  for (let step = 1; step <= steps; step++) {
    const pixels = Float32Array.from(w, (value) => (Math.tanh(value) + 1) / 2);
    const { logits: said, slope: uphill } = steer(model, pixels, { loss: 'margin', labels });
    const [slow1, slow2] = [1 - BETA_1 ** step, 1 - BETA_2 ** step];
    labels.forEach((_, image) => {
      const [from, to] = [image * stride, (image + 1) * stride];
      let distance = 0;
      for (let at = from; at < to; at++) distance += ((pixels[at] ?? 0) - (clean[at] ?? 0)) ** 2;
      if (distance < (nearest[image] ?? 0) && !isRight(said, labels, image)) {
        nearest[image] = step > 1 ? distance : 0;
        // The first look is at the clean image, but for the rounding of the tangent.
        if (step > 1) found.set(pixels.subarray(from, to), from);
      }
      // The slope is of max z_k − z_y: the other way round.
      const pull = margin(said, image) > -kappa ? -c : 0;
      for (let at = from; at < to; at++) {
        const pixel = pixels[at] ?? 0;
        const byPixel = 2 * (pixel - (clean[at] ?? 0)) + pull * (uphill[at] ?? 0);
        // dx/dw = (1 − tanh² w) / 2, and tanh w = 2x − 1.
        const gradient = byPixel * 2 * pixel * (1 - pixel);
        first[at] = BETA_1 * (first[at] ?? 0) + (1 - BETA_1) * gradient;
        second[at] = BETA_2 * (second[at] ?? 0) + (1 - BETA_2) * gradient ** 2;
        const move = (first[at] ?? 0) / slow1 / (Math.sqrt((second[at] ?? 0) / slow2) + TINY);
        w[at] = (w[at] ?? 0) - learningRate * move;
      }
    });
    yield;
  }
  return found;
}
