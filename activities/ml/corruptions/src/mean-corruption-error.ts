/**
 * The mean corruption error: Hendrycks & Dietterich, ICLR 2019, section 4: of each corruption the mean error over severities,
 * as a share of AlexNet's, and the mean of these shares. AlexNet's errors are of ImageNet's 1000 classes and of no other data.
 */
import { BENCHMARK_CORRUPTIONS, type CorruptionKind } from './corrupt.js';

/** In per cent, means over the five severities: github.com/hendrycks/robustness. */
export const ALEXNET_ERRORS: Readonly<Record<(typeof BENCHMARK_CORRUPTIONS)[number], number>> = {
  gaussian_noise: 88.6428,
  shot_noise: 89.4468,
  impulse_noise: 92.264,
  defocus_blur: 81.988,
  glass_blur: 82.6268,
  motion_blur: 78.5948,
  zoom_blur: 79.836,
  snow: 86.6816,
  frost: 82.6572,
  fog: 81.9324,
  brightness: 56.4592,
  contrast: 85.3204,
  elastic_transform: 64.6056,
  pixelate: 71.784,
  jpeg_compression: 60.65,
};

/** Of ImageNet's validation images as they are, in per cent: table 1 of the paper. */
const ALEXNET_CLEAN_ERROR = 43.5;

/** An error in [0, 1] under one corruption. */
export interface CorruptionError {
  readonly kind: CorruptionKind;
  readonly severity: number;
  readonly error: number;
}

export interface CorruptionSummary {
  /** Mean over the corruptions of their mean over severities, in [0, 1]. */
  readonly meanError: number;
  /** The same over those that the benchmark counts alone, where all fifteen at all severities are there. */
  readonly benchmarkError: number | null;
  /** In per cent of AlexNet, likewise, and of 1000 classes. */
  readonly meanCorruptionError: number | null;
  /** Relative mCE: likewise of what each corruption adds to the error on clean images, where that was measured. */
  readonly relativeCorruptionError: number | null;
}

export interface CorruptedData {
  /** K. */
  readonly classes: number;
  /** On the images as they are, in [0, 1]; undefined where nobody measured it. */
  readonly cleanError?: number | undefined;
}

/** @throws RangeError without an error */
export function summariseCorruptions(
  errors: readonly CorruptionError[],
  { classes, cleanError }: CorruptedData,
): CorruptionSummary {
  if (errors.length === 0) throw new RangeError('corruptions: expected at least one error, got none');
  const kinds = [...new Set(errors.map(({ kind }) => kind))];
  const byKind = new Map(
    kinds.map((kind) => [kind, mean(errors.filter((one) => one.kind === kind).map(({ error }) => error))]),
  );
  const whole = BENCHMARK_CORRUPTIONS.every(
    (kind) => new Set(errors.filter((one) => one.kind === kind).map(({ severity }) => severity)).size === 5,
  );
  const counted = BENCHMARK_CORRUPTIONS.map((kind) => byKind.get(kind) ?? NaN);
  const ofAlexNet = BENCHMARK_CORRUPTIONS.map(
    (kind) => (100 * (byKind.get(kind) ?? NaN)) / (ALEXNET_ERRORS[kind] / 100),
  );
  const relative = BENCHMARK_CORRUPTIONS.map(
    (kind) =>
      (100 * (100 * ((byKind.get(kind) ?? NaN) - (cleanError ?? NaN)))) /
      (ALEXNET_ERRORS[kind] - ALEXNET_CLEAN_ERROR),
  );
  const weighed = whole && classes === 1000;
  return {
    meanError: mean([...byKind.values()]),
    benchmarkError: whole ? mean(counted) : null,
    meanCorruptionError: weighed ? mean(ofAlexNet) : null,
    relativeCorruptionError: weighed && cleanError !== undefined ? mean(relative) : null,
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
