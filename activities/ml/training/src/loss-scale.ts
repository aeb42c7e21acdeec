/**
 * Dynamic loss scaling (Micikevicius et al., "Mixed Precision Training", ICLR 2018, section 3.2; the constants are those of
 * PyTorch's `GradScaler`). Gradients smaller than 6e-8 are zero in float16: the loss is multiplied by a power of two before its
 * gradient is taken, and the gradient divided by it after. Where that overflows, the step is dropped and the scale halved;
 * after enough steps without overflow it is doubled.
 *
 * bfloat16 has the range of float32, so what underflows there underflows in float32 too: its losses are not scaled.
 */

export interface LossScale {
  /** A power of two. */
  readonly scale: number;
  /** Steps without overflow since the scale last changed. */
  readonly goodSteps: number;
  /** Steps dropped in all. */
  readonly dropped: number;
}

const GROWTH_INTERVAL = 2000;
/** Of a larger scale the inverse times a small gradient would leave float32 before the gradient itself does. */
const LARGEST = 2 ** 32;

export const INITIAL_LOSS_SCALE: LossScale = { scale: 2 ** 16, goodSteps: 0, dropped: 0 };

/**
 * The scale of the next step; undefined when the gradient overflowed without any scaling left to take back.
 * @param finite whether the gradient of this step was
 */
export function nextLossScale(
  { scale, goodSteps, dropped }: LossScale,
  finite: boolean,
): LossScale | undefined {
  if (!finite) return scale > 1 ? { scale: scale / 2, goodSteps: 0, dropped: dropped + 1 } : undefined;
  const grows = goodSteps + 1 === GROWTH_INTERVAL;
  return grows
    ? { scale: Math.min(2 * scale, LARGEST), goodSteps: 0, dropped }
    : { scale, goodSteps: goodSteps + 1, dropped };
}
