/**
 * Square attack in L∞: Andriushchenko, Croce, Flammarion & Hein, "Square Attack: a query-efficient black-box adversarial attack via
 * random search", ECCV 2020, algorithms 1 and 2, on the margin. It asks for answers alone and never for a gradient. Reference
 * followed: torchattacks 3.5.1 with the authors' schedule as AutoAttack has it (`resc_schedule=False`).
 *
 * Differs from the reference: where an image's squares lie is a function of (seed, image, query), so that it does not depend on the
 * batch the image is in.
 */
import { PURPOSE, uniform } from '@vitrine/ml-tensor';
import type { AttackedModel } from './attack-program.js';
import { marginOf } from './host-losses.js';
import { inBall, toPixel } from './pixel-range.js';
import type { Standing } from './standing.js';

export interface SquareOptions {
  /** Budget in L∞, in pixels of [0, 1]. */
  readonly epsilon: number;
  readonly queries: number;
  /** Of the images: C, and H = W. */
  readonly channels: number;
  readonly size: number;
  readonly seed: number;
  /** Number of the first image of the batch within its data set. */
  readonly index: number;
}

/** Share of the pixels that a square covers at first. */
const FIRST_SHARE = 0.8;
/** After so many queries the share is halved. */
const HALVED_AFTER = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Yields after every query. */
export function* square(
  model: AttackedModel,
  standing: Standing,
  options: SquareOptions,
): Generator<void, void, void> {
  const { epsilon, queries, size, seed, index } = options;
  const { labels, pixels: clean } = standing.batch;
  const { stride } = standing;
  const ask = (pixels: Float32Array): Float32Array =>
    model.run('predict', { pixels })['logits']?.data as Float32Array;
  const margin = marginOf(labels);
  let open = standing.images;
  if (open.length === 0) return;
  const best = clean.slice();
  for (const image of open) stripes(best.subarray(image * stride, (image + 1) * stride), image, options);
  let said = ask(best);
  open = standing.look(best, said);
  const least = Float64Array.from(labels, (_, image) => margin(said, image));
  yield;
  for (let query = 0; query < queries && open.length > 0; query++) {
    const edge = Math.max(Math.round(Math.sqrt(shareAt(query) * size * size)), 1);
    const tried = best.slice();
    for (const image of open) {
      const draws = uniform(
        { seed, purpose: PURPOSE.squareAttack, step: query + 1, index: index + image },
        2 + options.channels,
      );
      const from = image * stride;
      const centre = clean.subarray(from, from + stride);
      paint(tried.subarray(from, from + stride), { centre, edge, draws, epsilon, size });
    }
    said = ask(tried);
    for (const image of open) {
      const found = margin(said, image);
      if (!(found < (least[image] ?? NaN))) continue;
      least[image] = found;
      best.set(tried.subarray(image * stride, (image + 1) * stride), image * stride);
    }
    open = standing.look(tried, said);
    yield;
  }
}

/** The start: each column of each channel up or down by ε. */
function stripes(
  row: Float32Array,
  image: number,
  { channels, size, epsilon, seed, index }: SquareOptions,
): void {
  const key = { seed, purpose: PURPOSE.squareAttack, step: 0, index: index + image };
  const signs = uniform(key, channels * size);
  row.forEach((pixel, at) => {
    const column = Math.floor(at / (size * size)) * size + (at % size);
    row[at] = toPixel(pixel + ((signs[column] ?? 0) < 0.5 ? -epsilon : epsilon));
  });
}

interface Painting {
  readonly centre: Float32Array;
  /** Of the square, in pixels. */
  readonly edge: number;
  /** Its row and column, then a sign for each channel. */
  readonly draws: Float32Array;
  readonly epsilon: number;
  readonly size: number;
}

/** A square of one sign in each channel, by 2ε and back into the ball: so it is at a corner of it, wherever it was. */
function paint(row: Float32Array, { centre, edge, draws, epsilon, size }: Painting): void {
  const room = size - edge;
  const [top = 0, left = 0, ...signs] = draws;
  const [y0, x0] = [Math.floor(top * room), Math.floor(left * room)];
  signs.forEach((sign, channel) => {
    const step = sign < 0.5 ? -2 * epsilon : 2 * epsilon;
    for (let y = y0; y < y0 + edge; y++)
      for (let x = x0; x < x0 + edge; x++) {
        const at = (channel * size + y) * size + x;
        const [pixel, middle] = [(row[at] ?? 0) + step, centre[at] ?? 0];
        row[at] = inBall(pixel, middle, epsilon);
      }
  });
}

const shareAt = (query: number): number =>
  FIRST_SHARE / 2 ** HALVED_AFTER.filter((after) => query > after).length;
