/**
 * The most visible noise of the null space that a picture can hold: normalised pixels stay within their range, so that the
 * sum is a picture and the model's answer does not move.
 *
 * Reference followed: github.com/Liu-Hy/NS-ViT, commit e7a89f1. Differs from it: `greedy` takes the best legal scale of its
 * grid directly, because the change is convex in the scale; `constrained` and `targeted` project on the null space and the
 * range in turns (Dykstra, "An algorithm for restricted least squares regression", JASA 1983) instead of SLSQP, so
 * `targeted` is nearest in the L2 sense.
 */
import {
  patchBasis,
  gridOf,
  projectPatches,
  type PatchEmbeddingNullSpace,
} from './patch-embedding-null-space.js';
import { fromPatches, toPatches } from './patches.js';

export const VISIBLE_NOISES = ['greedy', 'constrained', 'targeted'] as const;
export type VisibleNoise = (typeof VISIBLE_NOISES)[number];

export interface VisibleNoiseOptions {
  readonly variant: VisibleNoise;
  /** [C, S, S] in normalised pixels, within the range. */
  readonly image: Float32Array;
  readonly imageSize: number;
  /** Of each channel, in normalised pixels. */
  readonly range: readonly { readonly low: number; readonly high: number }[];
  /** What `targeted` comes near to. */
  readonly target?: Float32Array;
}

/** The reference's grid of scales. */
const [SMALLEST, LARGEST, GRID] = [1, 50, 0.05];
const ROUNDS = 100;
/** How far beyond the range `constrained` aims, in its width. */
const FAR = 4;

/** @returns noise [C, S, S] in normalised pixels, of the null space, with image + noise within the range */
export function visibleNoise(space: PatchEmbeddingNullSpace, options: VisibleNoiseOptions): Float32Array {
  const grid = gridOf(space, options.imageSize);
  const patches = toPatches(grid, options.image);
  const plane = space.patchSize ** 2;
  const channelOf = (i: number): number => Math.floor((i % space.weights.columns) / plane);
  const room: Room = {
    low: patches.map((value, i) => Math.min(0, (options.range[channelOf(i)]?.low ?? 0) - value)),
    high: patches.map((value, i) => Math.max(0, (options.range[channelOf(i)]?.high ?? 0) - value)),
  };
  const noise = {
    greedy: () => greedy(space, room),
    constrained: () => nearest(space, room, farthest(room)),
    targeted: () => {
      const target = toPatches(grid, options.target ?? options.image);
      return nearest(
        space,
        room,
        target.map((value, i) => value - (patches[i] ?? 0)),
      );
    },
  }[options.variant]();
  return fromPatches(grid, noise);
}

/** How far each number of the patches may move. */
interface Room {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** One basis vector after another, each at the legal scale that changes the patch most. */
function greedy(space: PatchEmbeddingNullSpace, { low, high }: Room): Float64Array {
  const noise = new Float64Array(low.length);
  const basis = patchBasis(space);
  const length = space.weights.columns;
  for (let first = 0; first < noise.length; first += length)
    for (const vector of basis) {
      const legal = [-1, 1].map((sign) => sign * legalScale(vector, sign));
      const changed = (scale: number): number =>
        vector.reduce((sum, b, i) => sum + Math.abs((noise[first + i] ?? 0) + scale * b), 0);
      const best = [0, ...legal].reduce((a, b) => (changed(b) > changed(a) ? b : a));
      vector.forEach((b, i) => (noise[first + i] = (noise[first + i] ?? 0) + best * b));

      /** The largest scale of the grid in a direction that keeps every number in its range; 0 when there is none. */
      function legalScale(b: Float64Array, sign: number): number {
        let most = LARGEST;
        b.forEach((value, i) => {
          const step = sign * value;
          const at = first + i;
          const left = (step > 0 ? (high[at] ?? 0) : (low[at] ?? 0)) - (noise[at] ?? 0);
          if (step !== 0) most = Math.min(most, Math.max(0, left / step));
        });
        const onGrid = Math.floor(most / GRID) * GRID;
        return onGrid < SMALLEST ? 0 : onGrid;
      }
    }
  return noise;
}

/** The corner of the range that is farther from the image, overshot. */
const farthest = ({ low, high }: Room): Float64Array =>
  low.map((value, i) => FAR * (-value > (high[i] ?? 0) ? value : (high[i] ?? 0)));

/**
 * The point of null space and range that is nearest to the wanted change. The last word has the null space; what then
 * leaves the range is drawn back towards the image, which is in both.
 */
function nearest(space: PatchEmbeddingNullSpace, { low, high }: Room, wanted: Float64Array): Float64Array {
  let x = wanted.slice();
  let correction = new Float64Array(x.length);
  for (let round = 0; round < ROUNDS; round++) {
    const inSpace = projectPatches(space, x);
    const shifted = inSpace.map((value, i) => value + (correction[i] ?? 0));
    x = shifted.map((value, i) => Math.min(high[i] ?? 0, Math.max(low[i] ?? 0, value)));
    correction = shifted.map((value, i) => value - (x[i] ?? 0));
  }
  projectPatches(space, x);
  const length = space.weights.columns;
  for (let first = 0; first < x.length; first += length) {
    let share = 1;
    for (let i = first; i < first + length; i++) {
      const value = x[i] ?? 0;
      const most = value > 0 ? (high[i] ?? 0) : (low[i] ?? 0);
      if (value !== 0) share = Math.min(share, Math.max(0, most / value));
    }
    for (let i = first; i < first + length; i++) x[i] = (x[i] ?? 0) * share;
  }
  return x;
}
