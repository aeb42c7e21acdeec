/**
 * How much noise each time step holds: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε with ᾱ_t = Π (1 − β_s), data in [−1, 1].
 *
 * Papers: Ho, Jain, Abbeel, NeurIPS 2020 (linear); Nichol & Dhariwal, ICML 2021, equation 17 (cosine); Carlini et al.,
 * "(Certified!!) adversarial robustness for free!", ICLR 2023 (the step that holds a given noise). Reference followed:
 * openai/improved-diffusion `gaussian_diffusion.py`. Steps count from 0.
 */

export interface DiffusionConfig {
  readonly schedule: 'linear' | 'cosine';
  readonly steps: number;
  /** The model sees t · 1000 / steps, as improved-diffusion's models of 4,000 steps do. */
  readonly rescaleTime: boolean;
}

export interface NoiseSchedule {
  readonly config: DiffusionConfig;
  /** β_t. */
  readonly betas: Float64Array;
  /** ᾱ_t. */
  readonly cumulative: Float64Array;
  /** Variance of q(x_{t−1} | x_t, x₀), β̃_t; that of step 0 is 0. */
  readonly posteriorVariance: Float64Array;
}

/** β of linear schedules with a thousand steps; others are scaled to add as much noise in all. */
const LINEAR = { first: 1e-4, last: 0.02, steps: 1000 };
const COSINE = { offset: 0.008, largest: 0.999 };

/** @throws RangeError for fewer than 2 steps */
export function noiseSchedule(config: DiffusionConfig): NoiseSchedule {
  const { steps, schedule } = config;
  if (!Number.isInteger(steps) || steps < 2)
    throw new RangeError(`diffusion, steps: expected a whole number from 2, got ${steps}`);
  const betas = Float64Array.from({ length: steps }, (_, t) =>
    schedule === 'linear' ? linearBeta(t, steps) : cosineBeta(t, steps),
  );
  let product = 1;
  const cumulative = betas.map((beta) => (product *= 1 - beta));
  const posteriorVariance = betas.map(
    (beta, t) => (beta * (1 - previous(cumulative, t))) / (1 - (cumulative[t] ?? 0)),
  );
  return { config, betas, cumulative, posteriorVariance };
}

function linearBeta(t: number, steps: number): number {
  const scale = LINEAR.steps / steps;
  return Math.min(scale * (LINEAR.first + ((LINEAR.last - LINEAR.first) * t) / (steps - 1)), COSINE.largest);
}

function cosineBeta(t: number, steps: number): number {
  const kept = (i: number): number =>
    Math.cos(((i / steps + COSINE.offset) / (1 + COSINE.offset)) * (Math.PI / 2)) ** 2;
  return Math.min(1 - kept(t + 1) / kept(t), COSINE.largest);
}

/** ᾱ before a step: 1 before the first. */
const previous = (cumulative: Float64Array, t: number): number => (t === 0 ? 1 : (cumulative[t - 1] ?? 0));

/** Standard deviation of the noise beside the data at a step, √((1 − ᾱ) / ᾱ), in the scale of [−1, 1]. */
export function noiseAt({ cumulative }: NoiseSchedule, t: number): number {
  const kept = cumulative[t] ?? NaN;
  return Math.sqrt((1 - kept) / kept);
}

/** A noise level that no step of a schedule holds. */
export class NoiseRangeError extends RangeError {
  override readonly name = 'NoiseRangeError';

  constructor(
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`sigma: expected ${expected}, got ${actual}`);
  }
}

/**
 * The first step that holds at least the noise of `sigma`, an amount for pixels in [0, 1]: data in [−1, 1] are twice as
 * wide, so the step's own noise is compared with 2σ. By the *cumulative* schedule, never by β_t alone. A sigma of 0 is
 * step 0, and every other at least step 1.
 * @throws NoiseRangeError with the range of the schedule
 */
export function stepForSigma(schedule: NoiseSchedule, sigma: number): number {
  if (sigma === 0) return 0;
  const { steps } = schedule.config;
  const largest = noiseAt(schedule, steps - 1) / 2;
  if (!(sigma > 0 && sigma <= largest))
    throw new NoiseRangeError(`from 0 to ${largest.toPrecision(6)}, what ${steps} steps reach`, `${sigma}`);
  let t = 1;
  while (noiseAt(schedule, t) < 2 * sigma) t++;
  return t;
}

/** The time step as the model is shown it. */
export const shownTime = ({ config: { rescaleTime, steps } }: NoiseSchedule, t: number): number =>
  rescaleTime ? (t * 1000) / steps : t;

/** What a step back from t to an earlier step `to` is made of; −1 is the clean image. */
export interface StepBack {
  /** x₀'s and x_t's shares of the mean. */
  readonly clean: number;
  readonly noisy: number;
  /** Bounds of ln variance: β̃ and β. */
  readonly logLower: number;
  readonly logUpper: number;
}

/**
 * The posterior q(x_to | x_t, x₀), Ho et al. equation 7, over any earlier step (Nichol & Dhariwal, section 4): the skipped
 * steps count as one with β = 1 − ᾱ_t / ᾱ_to.
 */
export function stepBack({ cumulative, posteriorVariance }: NoiseSchedule, t: number, to = t - 1): StepBack {
  const kept = cumulative[t] ?? NaN;
  const before = to < 0 ? 1 : (cumulative[to] ?? NaN);
  const beta = 1 - kept / before;
  const lower = (beta * (1 - before)) / (1 - kept);
  // As in the reference: the variance of the very last step, which is 0, is replaced by the one before it.
  const floor = lower > 0 ? lower : (posteriorVariance[1] ?? Number.MIN_VALUE);
  return {
    clean: (beta * Math.sqrt(before)) / (1 - kept),
    noisy: ((1 - before) * Math.sqrt(1 - beta)) / (1 - kept),
    logLower: Math.log(floor),
    logUpper: Math.log(beta),
  };
}
