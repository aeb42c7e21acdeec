/**
 * Linear warm-up, then one half cosine (Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without restarts).
 * Reference followed: timm's `CosineLRScheduler` stepped per update with `warmup_prefix=True`.
 */
export interface CosineScheduleOptions {
  /** The peak, reached at step `warmupSteps`. */
  readonly learningRate: number;
  readonly minLearningRate: number;
  readonly warmupSteps: number;
  /** Steps in all, warm-up included; later steps stay at the minimum. */
  readonly totalSteps: number;
}

/** Learning rate of a step, counted from 0. Warm-up rises linearly from peak / (warmupSteps + 1) to the peak. */
export function cosineSchedule(options: CosineScheduleOptions): (step: number) => number {
  const { learningRate, minLearningRate, warmupSteps, totalSteps } = options;
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  return (step) => {
    if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1);
    const progress = Math.min(1, (step - warmupSteps) / decaySteps);
    return minLearningRate + (learningRate - minLearningRate) * 0.5 * (1 + Math.cos(Math.PI * progress));
  };
}
