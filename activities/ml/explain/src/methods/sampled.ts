/**
 * Explanations by many passes.
 *
 * - Integrated gradients: Sundararajan, Taly & Yan, ICML 2017, of the logit, from the mean of the training pixels, by the
 *   midpoint rule; the attributions of a patch are summed.
 * - RISE: Petsiuk, Das & Saenko, BMVC 2018, equations 5 and 6: random coarse grids, enlarged bilinearly and shifted. One mask
 *   serves a whole batch. Differs from the reference: hidden pixels become the training mean, and sums are over what the
 *   masks showed, not over how much they show on average.
 */
import type { VitConfig } from '@vitrine/ml-nn';
import { PURPOSE, uniform, type RunningProgram } from '@vitrine/ml-tensor';
import type { ExplanationFunction } from './explanation-program.js';
import { inputsOf, type Explainer } from './explainer.js';

type Model = Pick<RunningProgram<ExplanationFunction>, 'run'>;

export function integratedGradients(model: Model, { steps }: { readonly steps: number }): Explainer {
  return {
    name: 'integratedGradients',
    *explain(batch) {
      let total: Float32Array | undefined;
      for (let step = 0; step < steps; step++) {
        const position = Float32Array.of((step + 0.5) / steps);
        const map = model.run('pathGradient', { ...inputsOf(batch), position })['map']?.data as Float32Array;
        total = map.map((value, i) => (total?.[i] ?? 0) + value / steps);
        yield;
      }
      return total ?? new Float32Array();
    },
  };
}

export interface RiseOptions {
  readonly masks: number;
  /** Cells of the coarse grid along a side. */
  readonly cells: number;
  /** Share of cells that show the image. */
  readonly shown: number;
  readonly seed: number;
}

/** Mask `index`, [S, S] in [0, 1]. */
export function riseMask(size: number, { cells, shown, seed }: RiseOptions, index: number): Float32Array {
  const side = cells + 1;
  const draws = uniform({ seed, purpose: PURPOSE.randomMask, step: index }, side * side + 2);
  const cell = size / cells;
  const shift = [draws[side * side] ?? 0, draws[side * side + 1] ?? 0];
  const at = (row: number, column: number): number =>
    (draws[Math.min(row, cells) * side + Math.min(column, cells)] ?? 1) < shown ? 1 : 0;
  return Float32Array.from({ length: size * size }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / size), pixel % size].map(
      (p, axis) => (p + 0.5) / cell + (shift[axis] ?? 0) - 0.5,
    );
    const [row, column] = [Math.max(0, Math.floor(y ?? 0)), Math.max(0, Math.floor(x ?? 0))];
    const [dy, dx] = [Math.max(0, (y ?? 0) - row), Math.max(0, (x ?? 0) - column)];
    const upper = (1 - dx) * at(row, column) + dx * at(row, column + 1);
    const lower = (1 - dx) * at(row + 1, column) + dx * at(row + 1, column + 1);
    return (1 - dy) * upper + dy * lower;
  });
}

/** Means over the pixels of each patch, [N]. */
function patchMeans(mask: Float32Array, { imageSize: S, patchSize: r }: VitConfig): Float32Array {
  const side = S / r;
  const means = new Float32Array(side * side);
  mask.forEach((value, pixel) => {
    const patch = Math.floor(Math.floor(pixel / S) / r) * side + Math.floor((pixel % S) / r);
    means[patch] = (means[patch] ?? 0) + value / (r * r);
  });
  return means;
}

export function rise(model: Model, config: VitConfig, options: RiseOptions): Explainer {
  return {
    name: 'rise',
    *explain(batch) {
      const B = batch.targets.length;
      const N = (config.imageSize / config.patchSize) ** 2;
      const weighted = new Float64Array(B * N);
      const shown = new Float64Array(N);
      for (let index = 0; index < options.masks; index++) {
        const mask = riseMask(config.imageSize, options, index);
        const probability = model.run('masked', { ...inputsOf(batch), mask })['probability']?.data ?? [];
        patchMeans(mask, config).forEach((share, patch) => {
          shown[patch] = (shown[patch] ?? 0) + share;
          for (let image = 0; image < B; image++)
            weighted[image * N + patch] =
              (weighted[image * N + patch] ?? 0) + share * (probability[image] ?? NaN);
        });
        yield;
      }
      return Float32Array.from(weighted, (sum, i) =>
        (shown[i % N] ?? 0) > 0 ? sum / (shown[i % N] ?? 1) : 0,
      );
    },
  };
}
