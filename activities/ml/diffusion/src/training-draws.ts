/** The random part of a training step: time steps and noise, functions of (seed, step, place in the batch). */
import { normal, PURPOSE, uniform } from '@vitrine/ml-tensor';
import { coefficientRows } from './coefficients.js';
import type { NoiseSchedule } from './noise-schedule.js';

export interface DrawRequest {
  readonly seed: number;
  readonly step: number;
  readonly images: number;
  /** Elements of one image. */
  readonly stride: number;
}

/** Inputs `rows` and `noise` of a step: each image has a time step, uniform over all, and noise of its own. */
export function trainingDraws(
  schedule: NoiseSchedule,
  { seed, step, images, stride }: DrawRequest,
): { readonly rows: Float32Array; readonly noise: Float32Array } {
  const noise = new Float32Array(images * stride);
  const times = Array.from({ length: images }, (_, index) => {
    noise.set(normal({ seed, purpose: PURPOSE.diffusionNoise, step, index }, stride), index * stride);
    const [u = 0] = uniform({ seed, purpose: PURPOSE.diffusionTime, step, index }, 1);
    return { t: Math.floor(u * schedule.config.steps) };
  });
  return { rows: coefficientRows(schedule, times), noise };
}

/**
 * The share by which the running mean moves after update `step` (from 1), with the given decay: early on larger, so that
 * the mean forgets the random start (TensorFlow's `num_updates` rule, min(decay, (1 + n) / (10 + n))).
 */
export const averageShare = (decay: number, step: number): number =>
  1 - Math.min(decay, (1 + step) / (10 + step));
