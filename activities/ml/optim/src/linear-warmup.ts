/**
 * Learning rate of a step, counted from 0: linear from 0 at the first step to `learningRate` at step `warmupSteps`, then
 * constant. Reference followed: `get_constant_schedule_with_warmup` of Hugging Face's transformers.
 */
export function linearWarmup(options: {
  readonly learningRate: number;
  readonly warmupSteps: number;
}): (step: number) => number {
  const { learningRate, warmupSteps } = options;
  return (step) => (step < warmupSteps ? (learningRate * step) / warmupSteps : learningRate);
}
