/** New images: from pure noise step by step, every random number a function of (seed, step, image). */
import { normal, PURPOSE, type RunningProgram } from '@vitrine/ml-tensor';
import { coefficientRows } from './coefficients.js';
import type { NoiseSchedule } from './noise-schedule.js';
import type { SamplingFunction } from './sampling-program.js';

export interface SampleRequest {
  readonly sampler: 'ddpm' | 'ddim';
  /** Steps that are taken, spread evenly over those of the schedule. */
  readonly steps: number;
  readonly seed: number;
  readonly images: number;
  /** Elements of one image. */
  readonly stride: number;
  /** One of each image, for a model that is told classes. */
  readonly labels?: Int32Array;
}

/** So many of the steps of a schedule, evenly spread, the last included, in the order of sampling: down to the first. */
export function spreadSteps(all: number, taken: number): readonly number[] {
  if (!Number.isInteger(taken) || taken < 1 || taken > all)
    throw new RangeError(`sampling steps: expected a whole number from 1 to ${all}, got ${taken}`);
  if (taken === 1) return [all - 1];
  return Array.from({ length: taken }, (_, i) => Math.round(((all - 1) * (taken - 1 - i)) / (taken - 1)));
}

/** Noise for each image, side by side. */
function draws({ seed, images, stride }: SampleRequest, purpose: number, step: number): Float32Array {
  const all = new Float32Array(images * stride);
  for (let index = 0; index < images; index++)
    all.set(normal({ seed, purpose, step, index }, stride), index * stride);
  return all;
}

/** Yields after every step; returns images [B, C, S, S] in [0, 1]. */
export function* sampleSteps(
  program: Pick<RunningProgram<SamplingFunction>, 'run'>,
  schedule: NoiseSchedule,
  request: SampleRequest,
): Generator<number, Float32Array, void> {
  const { sampler, images, labels } = request;
  const path = spreadSteps(schedule.config.steps, request.steps);
  const told = labels && { labels };
  let pixels = draws(request, PURPOSE.sampleStart, 0);
  for (const [i, t] of path.entries()) {
    const to = path[i + 1] ?? -1;
    const rows = coefficientRows(schedule, new Array<{ t: number; to: number }>(images).fill({ t, to }));
    const outputs =
      sampler === 'ddpm'
        ? program.run('ancestral', { pixels, rows, ...told, draws: draws(request, PURPOSE.samplingNoise, t) })
        : program.run('implicit', { pixels, rows, ...told, before: earlier(schedule, to, images) });
    pixels = outputs['pixels']?.data as Float32Array;
    yield i + 1;
  }
  return pixels.map((value) => Math.min(1, Math.max(0, (value + 1) / 2)));
}

/** √ᾱ and √(1 − ᾱ) of the step that is gone to; of the clean image 1 and 0. */
function earlier({ cumulative }: NoiseSchedule, to: number, images: number): Float32Array {
  const kept = to < 0 ? 1 : (cumulative[to] ?? NaN);
  return Float32Array.from({ length: 2 * images }, (_, i) => Math.sqrt(i % 2 === 0 ? kept : 1 - kept));
}
