/**
 * DeepFool: Moosavi-Dezfooli, Fawzi & Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", CVPR 2016,
 * algorithm 2. Step after step each image moves to the nearest of the boundaries that the classifier has where it is, taken as
 * planes: with f_k = z_k − z_y and w_k = ∇ₓ f_k, by r = |f_k| w_k / ‖w_k‖² of the k with the smallest |f_k| / ‖w_k‖, and by the
 * overshoot beyond. It ends where another class is in front. Reference followed: torchattacks 23620a6.
 *
 * Differs from the reference: images go on in a batch, and of many classes only those in front on the clean image are looked at,
 * as the paper's authors do.
 */
import { isRight, rivalsOf } from './answers.js';
import type { AttackedModel, HostBatch } from './attack-program.js';
import { toPixel } from './pixel-range.js';
import { steer } from './steered-slope.js';

export interface DeepFoolOptions {
  readonly steps: number;
  /** Share by which a step goes beyond the boundary. */
  readonly overshoot: number;
  /** How many other classes are looked at, from the one in front. */
  readonly candidates: number;
}

/** Yields after every pass of the model. The pixels where each image came to its end; an image that is wrong already stays. */
export function* deepFoolSteps(
  model: AttackedModel,
  { pixels, labels }: HostBatch,
  { steps, overshoot, candidates }: DeepFoolOptions,
): Generator<void, Float32Array, void> {
  const stride = pixels.length / labels.length;
  const moved = pixels.slice();
  const logitsOf = (): Float32Array =>
    model.run('predict', { pixels: moved })['logits']?.data as Float32Array;
  let logits = logitsOf();
  const rivals = rivalsOf(logits, labels).map((ranked) => ranked.slice(0, candidates));
  const classes = logits.length / labels.length;
  const most = Math.max(...rivals.map(({ length }) => length));
  yield;
  for (let step = 0; step < steps; step++) {
    const open = [...labels.keys()].filter((image) => isRight(logits, labels, image));
    if (open.length === 0) break;
    const nearest = open.map((): Boundary => ({ distance: Infinity, margin: 0, slope: new Float32Array(0) }));
    for (let place = 0; place < most; place++) {
      // An image without such a rival is its own: its slope is 0, and nobody looks at it.
      const targets = Int32Array.from(labels, (label, image) => rivals[image]?.[place] ?? label);
      const slopes = steer(model, moved, { loss: 'difference', labels, targets }).slope;
      open.forEach((image, i) => {
        const rival = rivals[image]?.[place];
        if (rival === undefined) return;
        const slope = slopes.slice(image * stride, (image + 1) * stride);
        const margin = Math.abs(
          (logits[image * classes + rival] ?? 0) - (logits[image * classes + (labels[image] ?? 0)] ?? 0),
        );
        const distance = margin / norm(slope);
        if (distance < (nearest[i]?.distance ?? 0)) nearest[i] = { distance, margin, slope };
      });
      yield;
    }
    open.forEach((image, i) => {
      const { margin, slope } = nearest[i] as Boundary;
      const scale = ((1 + overshoot) * margin) / norm(slope) ** 2;
      slope.forEach((value, at) => {
        const pixel = (moved[image * stride + at] ?? 0) + scale * value;
        moved[image * stride + at] = toPixel(pixel);
      });
    });
    logits = logitsOf();
    yield;
  }
  return moved;
}

interface Boundary {
  readonly distance: number;
  readonly margin: number;
  readonly slope: Float32Array;
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
