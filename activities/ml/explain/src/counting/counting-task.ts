/**
 * The faithfulness task of Vision DiffMask (and of its ancestor, De Cao et al., EMNLP 2020): count the red cells of a grid of
 * coloured squares, 3 × 3 of 16 × 16 pixels in the paper. What the answer rests on is known: which cells are red, or equally
 * which are not. Generator as the released code: the count uniform from 0 to all cells, other cells of the five other corners
 * of the RGB cube without black and white, positions shuffled. The paper says six other colours; its figure and code have five.
 */
import { permutation, PURPOSE, uniform } from '@vitrine/ml-tensor';

const RED = [1, 0, 0] as const;
const OTHERS = [
  [0, 1, 0],
  [0, 0, 1],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
] as const;

export interface CountingShape {
  /** Cells along a side. */
  readonly cells: number;
  /** Pixels along the side of a cell: the patch of the model. */
  readonly cellSize: number;
}

export interface CountingGrid {
  /** 3 × S × S, 0 or 1. */
  readonly pixels: Uint8Array;
  /** The number of red cells. */
  readonly label: number;
  /** 1 where a cell is red. */
  readonly red: Uint8Array;
}

/** Grid `index` of a stream of them. */
export function countingGrid(
  { cells, cellSize }: CountingShape,
  key: { readonly seed: number; readonly step: number; readonly index: number },
): CountingGrid {
  const N = cells * cells;
  const stream = { ...key, purpose: PURPOSE.counting };
  const draws = uniform(stream, N + 1);
  const label = Math.floor((draws[N] ?? 0) * (N + 1));
  const order = permutation({ ...stream, purpose: PURPOSE.countingOrder }, N);
  const red = Uint8Array.from(order, (rank) => (rank < label ? 1 : 0));
  const size = cells * cellSize;
  const pixels = new Uint8Array(3 * size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const cell = Math.floor(y / cellSize) * cells + Math.floor(x / cellSize);
      const other = OTHERS[Math.floor((draws[cell] ?? 0) * OTHERS.length)] ?? RED;
      (red[cell] ? RED : other).forEach(
        (value, channel) => (pixels[(channel * size + y) * size + x] = value),
      );
    }
  return { pixels, label, red };
}

/** How well masks find what the task rests on. */
export interface CountingScores {
  /** Share of grids with 1 to N − 1 red cells whose mask above ½ is the red set or its complement. */
  readonly exactMatch: number;
  /** Mean of the larger intersection over union with the two. */
  readonly iou: number;
  /** Mean of the larger area under the ROC curve of mask values against the two. */
  readonly auc: number;
  /** Share of mask values outside [0.05, 0.95]. */
  readonly binary: number;
}

/** Scores of maps [count, N] against the red cells [count, N]; grids without red or without others are left out. */
export function countingScores(maps: Float32Array, red: Uint8Array, N: number): CountingScores {
  let [grids, exact, iou, auc] = [0, 0, 0, 0];
  for (let first = 0; first < red.length; first += N) {
    const truth = red.subarray(first, first + N);
    const reds = truth.reduce((sum, value) => sum + value, 0);
    if (reds === 0 || reds === N) continue;
    const map = maps.subarray(first, first + N);
    const kept = Array.from(map, (value) => value > 0.5);
    const same = kept.filter((keep, i) => keep === (truth[i] === 1)).length;
    const both = kept.filter((keep, i) => keep && truth[i] === 1).length;
    const others = kept.filter((keep, i) => keep && truth[i] !== 1).length;
    grids += 1;
    if (same === N || same === 0) exact += 1;
    iou += Math.max(both / (reds + others), others / (N - reds + both));
    const area = areaUnderRoc(map, truth);
    auc += Math.max(area, 1 - area);
  }
  const outside = maps.filter((value) => value < 0.05 || value > 0.95).length;
  return { exactMatch: exact / grids, iou: iou / grids, auc: auc / grids, binary: outside / maps.length };
}

/** Share of pairs of a positive and a negative in which the positive is larger; ties count half. */
export function areaUnderRoc(values: Float32Array, positive: Uint8Array): number {
  let [pairs, right] = [0, 0];
  values.forEach((value, i) => {
    if (positive[i] !== 1) return;
    values.forEach((other, j) => {
      if (positive[j] === 1) return;
      pairs += 1;
      right += value > other ? 1 : value === other ? 0.5 : 0;
    });
  });
  return right / pairs;
}
