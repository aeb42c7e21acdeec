/**
 * Fast adaptive boundary attack in L∞, targeted: Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive
 * boundary attack", ICML 2020, algorithm 1, as it stands in AutoAttack (FAB-T). Reference followed: torchattacks 3.5.1, which is
 * the authors' code.
 *
 * Differs from the reference: an image is left alone once it is wrong within ε, since that is all that is asked; and one start, from
 * the clean image, as AutoAttack's standard has it.
 */
import { isRight, rivalsOf } from './answers.js';
import type { AttackedModel } from './attack-program.js';
import { towardsPlane } from './box-projection.js';
import { toPixel } from './pixel-range.js';
import type { Standing } from './standing.js';
import { steer } from './steered-slope.js';

/** As in the reference: how far back to the clean image, beyond the plane, and back after a success. */
const [ALPHA_MAX, OVERSHOOT, BACKWARD] = [0.1, 1.05, 0.9];

export interface FabOptions {
  /** Budget in L∞, in pixels of [0, 1]. */
  readonly epsilon: number;
  readonly steps: number;
  /** How many other classes are aimed at, from the one that is second on the clean image. */
  readonly targets: number;
}

/** Yields after every step. */
export function* fabTargeted(
  model: AttackedModel,
  standing: Standing,
  { epsilon, steps, targets }: FabOptions,
): Generator<void, void, void> {
  const { labels, pixels: clean } = standing.batch;
  const { stride } = standing;
  const rivals = rivalsOf(standing.cleanLogits, labels);
  const classes = standing.cleanLogits.length / labels.length;
  for (let rank = 0; rank < Math.min(targets, rivals[0]?.length ?? 0); rank++) {
    const targets = Int32Array.from(rivals, (ranked) => ranked[rank] ?? 0);
    const current = clean.slice();
    let open = standing.images;
    for (let step = 0; step < steps && open.length > 0; step++) {
      const { logits, slope } = steer(model, current, { loss: 'difference', labels, targets });
      for (const image of open) {
        const [from, to] = [image * stride, (image + 1) * stride];
        const one = {
          x: current.subarray(from, to),
          clean: clean.subarray(from, to),
          slope: slope.subarray(from, to),
        };
        const row = logits.subarray(image * classes, (image + 1) * classes);
        stepTo(one, (row[targets[image] ?? 0] ?? 0) - (row[labels[image] ?? 0] ?? 0));
      }
      const said = model.run('predict', { pixels: current })['logits']?.data as Float32Array;
      for (const image of open) {
        if (isRight(said, labels, image)) continue;
        const [from, to] = [image * stride, (image + 1) * stride];
        const [x, centre] = [current.subarray(from, to), clean.subarray(from, to)];
        if (furthest(x, centre) <= epsilon) standing.fall(image, current);
        else x.forEach((pixel, at) => (x[at] = (centre[at] ?? 0) + (pixel - (centre[at] ?? 0)) * BACKWARD));
      }
      open = standing.images;
      yield;
    }
  }
}

interface Stepped {
  /** Changed in place. */
  readonly x: Float32Array;
  readonly clean: Float32Array;
  /** Gradient of the difference of the two logits. */
  readonly slope: Float32Array;
}

/** To the plane on which the two logits would be equal, and a little back towards the clean image. */
function stepTo({ x, clean, slope }: Stepped, difference: number): void {
  const along = slope.reduce((sum, weight, at) => sum + weight * ((clean[at] ?? 0) - (x[at] ?? 0)), 0);
  const here = towardsPlane(x, { slope, offset: difference });
  const there = towardsPlane(clean, { slope, offset: difference + along });
  const [near, far] = [largest(here), largest(there)];
  const back = Math.min(near / (near + far), ALPHA_MAX);
  x.forEach((pixel, at) => {
    const fromHere = pixel + OVERSHOOT * (here[at] ?? 0);
    const fromClean = (clean[at] ?? 0) + OVERSHOOT * (there[at] ?? 0);
    x[at] = toPixel(fromHere * (1 - back) + fromClean * back);
  });
}

/** Never 0, as in the reference. */
const largest = (change: Float32Array): number =>
  change.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-8);

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? 0))), 0);
