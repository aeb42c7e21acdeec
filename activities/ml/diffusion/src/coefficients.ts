/**
 * What a time step means for one image, as numbers that go to the device: no function of the graph looks anything up in a
 * schedule. In each row: √ᾱ, √(1 − ᾱ), the shown time, x₀'s and x_t's shares of the step back, ln β̃ and ln β, and whether
 * the step back ends at the clean image.
 */
import * as tf from '@tensorflow/tfjs-core';
import { noiseAt, shownTime, stepBack, type NoiseSchedule } from './noise-schedule.js';

export const COEFFICIENTS = 8;

/** One row per pair of steps. */
export function coefficientRows(
  schedule: NoiseSchedule,
  steps: readonly { readonly t: number; readonly to?: number }[],
): Float32Array {
  return Float32Array.from(
    steps.flatMap(({ t, to = t - 1 }) => {
      const kept = schedule.cumulative[t] ?? NaN;
      const { clean, noisy, logLower, logUpper } = stepBack(schedule, t, to);
      const last = to < 0 ? 1 : 0;
      return [
        Math.sqrt(kept),
        Math.sqrt(1 - kept),
        shownTime(schedule, t),
        clean,
        noisy,
        logLower,
        logUpper,
        last,
      ];
    }),
  );
}

/** The row of a noise level that is exact, beside the step that comes nearest to it; for one-shot denoising. */
export function exactRow(
  schedule: NoiseSchedule,
  { t, sigma }: { readonly t: number; readonly sigma: number },
): Float32Array {
  const kept = 1 / (1 + 4 * sigma ** 2);
  const row = coefficientRows(schedule, [{ t }]);
  row.set([Math.sqrt(kept), Math.sqrt(1 - kept)]);
  return row;
}

/** The noise that `exactRow` expects beside the data, in [−1, 1], is 2σ; that of a step is `noiseAt`. */
export const stepSigma = (schedule: NoiseSchedule, t: number): number => noiseAt(schedule, t) / 2;

export interface Coefficients {
  readonly signal: tf.Tensor4D;
  readonly noise: tf.Tensor4D;
  readonly time_B: tf.Tensor1D;
  readonly clean: tf.Tensor4D;
  readonly noisy: tf.Tensor4D;
  readonly logLower: tf.Tensor4D;
  readonly logUpper: tf.Tensor4D;
  readonly last: tf.Tensor4D;
}

/** Columns of the rows [B, 8], each as [B, 1, 1, 1] to be stretched over images, the time as [B]. */
export function columnsOf(rows_B8: tf.Tensor2D): Coefficients {
  const [signal, noise, time, clean, noisy, logLower, logUpper, last] = tf
    .unstack(rows_B8, 1)
    .map((column) => tf.reshape(column, [-1, 1, 1, 1])) as tf.Tensor4D[] as [
    ...[tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
    ...[tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
  ];
  return { signal, noise, time_B: tf.reshape(time, [-1]), clean, noisy, logLower, logUpper, last };
}
