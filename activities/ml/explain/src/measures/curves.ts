/**
 * How answers change as pixels go or come in the order of a map.
 *
 * - The table of Vision DiffMask (Nalmpantis et al. 2023, table 1), by the exact procedure of its code: 28 equal shares of the
 *   pixels, ranked one by one, become uniform noise in normalised space, the same draws for every share; the figures are the
 *   probability of the class predicted on the whole image, which the paper calls accuracy, and −log of it, which it calls KL;
 *   areas by trapezoids of width 1.
 * - The normalised table: patches are ranked, ties in random order, whole patches in equal shares, areas in [0, 1] per unit
 *   share.
 * - Deletion and insertion (Petsiuk et al., BMVC 2018) are the same two curves with the mean in place of noise, and the other
 *   way round.
 * - Sparsity against divergence: KL from the whole image's answer while the least important patches become the mean.
 */
import type { VitConfig } from '@vitrine/ml-nn';
import { permutation, PURPOSE, uniform } from '@vitrine/ml-tensor';

/** Softmax probabilities [B, K] of pixels in [0, 1]; at most `batchSize` images come at once. */
export interface Judge {
  readonly batchSize: number;
  readonly probabilities: (pixels: Float32Array) => Float32Array;
}

export interface CurveOptions {
  readonly config: VitConfig;
  readonly procedure: 'released' | 'normalised';
  /** What hidden pixels become. */
  readonly fill: 'noise' | 'mean';
  /** Hide what the map ranks highest first, or lowest first. */
  readonly order: 'positive' | 'negative';
  readonly seed: number;
  /** Of the normalised procedure: at most so many shares; one a patch when left out. */
  readonly shares?: number;
}

export interface Curve {
  /** Probability of the predicted class at each share of hidden pixels, from none to all. */
  readonly probability: readonly number[];
  /** Means of −log of it, nats. */
  readonly surprise: readonly number[];
  /** KL from the answer to the whole image to the answer to what is left, nats. */
  readonly divergence: readonly number[];
}

/** Shares into which the released code cuts an image. */
const RELEASED_SHARES = 28;

/** Steps of a curve: it has one point more. */
export const sharesOf = (
  patches: number,
  { procedure, shares }: Pick<CurveOptions, 'procedure' | 'shares'>,
): number => (procedure === 'released' ? RELEASED_SHARES : Math.min(patches, shares ?? patches));

/** Σ p (log p − log q) of two rows of probabilities; what is not expected adds nothing. */
const divergenceOf = (expected: readonly number[], found: readonly number[]): number =>
  expected.reduce(
    (sum, p, k) =>
      p > 0 ? sum + p * (Math.log(p) - Math.log(Math.max(found[k] ?? 0, Number.MIN_VALUE))) : sum,
    0,
  );

/** Patches in the order in which they are hidden; equal values in random order. */
export function hidingOrder(
  map: ArrayLike<number>,
  options: Pick<CurveOptions, 'order' | 'seed'>,
  image = 0,
): number[] {
  const key = { seed: options.seed, purpose: PURPOSE.tieBreak, index: image };
  const sign = options.order === 'positive' ? -1 : 1;
  return [...permutation(key, map.length)].sort((a, b) => sign * (map[a] ?? 0) - sign * (map[b] ?? 0));
}

/** Pixel numbers (row · S + column) in the order in which they are hidden. */
function pixelOrder(map: ArrayLike<number>, options: CurveOptions, image: number): number[] {
  const { imageSize: S, patchSize: r } = options.config;
  const side = S / r;
  return hidingOrder(map, options, image).flatMap((patch) =>
    Array.from({ length: r * r }, (_, i) => {
      const row = Math.floor(patch / side) * r + Math.floor(i / r);
      return row * S + (patch % side) * r + (i % r);
    }),
  );
}

/** One image with the first `count` pixels of the order replaced. */
function hide(
  pixels: Float32Array,
  order: readonly number[],
  { count, replacement }: { readonly count: number; readonly replacement: Float32Array },
): Float32Array {
  const plane = order.length;
  const hidden = pixels.slice();
  for (const pixel of order.slice(0, count))
    for (let at = pixel; at < hidden.length; at += plane) hidden[at] = replacement[at] ?? 0;
  return hidden;
}

/** What stands in hidden places, in [0, 1] pixels: the mean, or U(−1, 1) in normalised space. */
function replacementOf({ config, fill, seed }: CurveOptions): Float32Array {
  const plane = config.imageSize ** 2;
  const draws = uniform({ seed, purpose: PURPOSE.perturbation }, config.channels * plane);
  return draws.map((draw, at) => {
    const channel = Math.floor(at / plane);
    const normalised = fill === 'noise' ? 2 * draw - 1 : 0;
    return (config.mean[channel] ?? 0) + normalised * (config.std[channel] ?? 1);
  });
}

/** The curve of one image. The first point has every pixel, the last none. */
export function hidingCurve(
  judge: Judge,
  {
    pixels,
    map,
    image = 0,
  }: { readonly pixels: Float32Array; readonly map: ArrayLike<number>; readonly image?: number },
  options: CurveOptions,
): Curve {
  const order = pixelOrder(map, options, image);
  const shares = sharesOf(map.length, options);
  const pixelsAt = (share: number): number =>
    options.procedure === 'released'
      ? Math.round((share * order.length) / shares)
      : Math.round((share * map.length) / shares) * (order.length / map.length);
  const replacement = replacementOf(options);
  const shown = Array.from({ length: shares + 1 }, (_, share) =>
    hide(pixels, order, { count: pixelsAt(share), replacement }),
  );
  const rows = judgeAll(judge, shown);
  const [whole = []] = rows;
  const predicted = whole.indexOf(Math.max(...whole));
  const probability = rows.map((row) => row[predicted] ?? NaN);
  return {
    probability,
    surprise: probability.map((p) => -Math.log(Math.max(p, Number.MIN_VALUE))),
    divergence: rows.map((row) => divergenceOf(whole, row)),
  };
}

function judgeAll({ batchSize, probabilities }: Judge, images: readonly Float32Array[]): number[][] {
  const length = images[0]?.length ?? 0;
  return Array.from({ length: Math.ceil(images.length / batchSize) }, (_, batch) => {
    const here = images.slice(batch * batchSize, (batch + 1) * batchSize);
    const joined = new Float32Array(here.length * length);
    here.forEach((pixels, i) => joined.set(pixels, i * length));
    const answers = probabilities(joined);
    const K = answers.length / here.length;
    return here.map((_image, i) => [...answers.subarray(i * K, (i + 1) * K)]);
  }).flat();
}

/** Area by trapezoids of width 1, as the released table; of width 1 / shares, in the units of the curve, when normalised. */
export function areaUnder(curve: readonly number[], procedure: CurveOptions['procedure']): number {
  const inner = curve.reduce((sum, value) => sum + value, 0);
  const area = inner - ((curve[0] ?? 0) + (curve.at(-1) ?? 0)) / 2;
  return procedure === 'released' ? area : area / (curve.length - 1);
}
