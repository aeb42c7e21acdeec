/**
 * Auto-PGD in L∞: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
 * ICML 2020, algorithm 1, on the cross-entropy and on the targeted DLR loss. Reference followed: torchattacks 3.5.1, which is the
 * authors' code.
 *
 * Differs from the reference: the random start of an image is a function of (seed, image, restart, target), and an image is left
 * alone once it is wrong.
 */
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import { rivalsOf } from './answers.js';
import type { AttackedModel } from './attack-program.js';
import { crossEntropyOf, targetedRatioOf, type HostLoss } from './host-losses.js';
import { Schedule } from './apgd-schedule.js';
import { inBall, toPixel } from './pixel-range.js';
import type { Standing } from './standing.js';
import { steer, type HostSlope } from './steered-slope.js';

export interface ApgdOptions {
  /** Budget in L∞, in pixels of [0, 1]. */
  readonly epsilon: number;
  readonly steps: number;
  readonly restarts: number;
  readonly seed: number;
  /** Number of the first image of the batch within its data set. */
  readonly index: number;
}

/** On the cross-entropy. Yields after every pass of the model. */
export function* apgdCrossEntropy(
  model: AttackedModel,
  standing: Standing,
  options: ApgdOptions,
): Generator<void, void, void> {
  const { labels } = standing.batch;
  for (let restart = 0; restart < options.restarts; restart++)
    yield* ascent(
      standing,
      { ...options, run: restart },
      {
        look: (pixels) => steer(model, pixels, { loss: 'crossEntropy', labels }),
        loss: crossEntropyOf(labels),
      },
    );
}

/** On the targeted ratio, against one class after another, from the one that is second on the clean image. */
export function* apgdTargeted(
  model: AttackedModel,
  standing: Standing,
  options: ApgdOptions & { readonly targets: number },
): Generator<void, void, void> {
  const { labels } = standing.batch;
  const rivals = rivalsOf(standing.cleanLogits, labels);
  const most = Math.min(options.targets, rivals[0]?.length ?? 0);
  for (let rank = 0; rank < most; rank++) {
    const targets = Int32Array.from(rivals, (ranked) => ranked[rank] ?? 0);
    for (let restart = 0; restart < options.restarts; restart++)
      yield* ascent(
        standing,
        { ...options, run: 1000 * (rank + 1) + restart },
        {
          look: (pixels) => steer(model, pixels, { loss: 'ratio', labels, targets }),
          loss: targetedRatioOf(labels, targets),
        },
      );
  }
}

interface Objective {
  readonly look: (pixels: Float32Array) => HostSlope;
  readonly loss: HostLoss;
}

function* ascent(
  standing: Standing,
  options: ApgdOptions & { readonly run: number },
  { look, loss }: Objective,
): Generator<void, void, void> {
  if (standing.images.length === 0) return;
  const { epsilon, steps } = options;
  const { pixels: clean } = standing.batch;
  const { stride } = standing;
  const current = startOf(standing, options);
  const before = current.slice();
  const seen = look(current);
  let open = standing.look(current, seen.logits);
  const slope = seen.slope.slice();
  const best = { pixels: current.slice(), slope: slope.slice() };
  const schedules = new Map(
    open.map((image) => [image, new Schedule(steps, epsilon, loss(seen.logits, image))] as const),
  );
  yield;
  for (let step = 0; step < steps && open.length > 0; step++) {
    // What came before counts a quarter, except in the first step, which has no before.
    const share = step > 0 ? 0.75 : 1;
    for (const image of open) {
      const size = schedules.get(image)?.stepSize ?? 0;
      for (let at = image * stride; at < (image + 1) * stride; at++) {
        const [x, was, centre] = [current[at] ?? 0, before[at] ?? 0, clean[at] ?? 0];
        const stepped = inBall(x + size * Math.sign(slope[at] ?? 0), centre, epsilon);
        before[at] = x;
        current[at] = inBall(x + (stepped - x) * share + (x - was) * (1 - share), centre, epsilon);
      }
    }
    const found = look(current);
    open = standing.look(current, found.logits);
    for (const image of open) {
      const [from, to] = [image * stride, (image + 1) * stride];
      slope.set(found.slope.subarray(from, to), from);
      const schedule = schedules.get(image) as Schedule;
      const { improved, restart } = schedule.note(loss(found.logits, image));
      if (improved) {
        best.pixels.set(current.subarray(from, to), from);
        best.slope.set(slope.subarray(from, to), from);
      }
      if (!restart) continue;
      current.set(best.pixels.subarray(from, to), from);
      slope.set(best.slope.subarray(from, to), from);
    }
    yield;
  }
}

/** Clean pixels moved by noise that reaches ε somewhere. */
function startOf(
  standing: Standing,
  { epsilon, seed, index, run }: ApgdOptions & { readonly run: number },
): Float32Array {
  const { stride, batch } = standing;
  const start = batch.pixels.slice();
  for (const image of standing.images) {
    const key = { seed, purpose: PURPOSE.attackStart, step: run, index: index + image };
    const draws = uniform(key, stride).map((draw) => 2 * draw - 1);
    const furthest = draws.reduce((most, draw) => Math.max(most, Math.abs(draw)), 0) || 1;
    draws.forEach((draw, at) => {
      const moved = (start[image * stride + at] ?? 0) + (epsilon * draw) / furthest;
      start[image * stride + at] = toPixel(moved);
    });
  }
  return start;
}
