/**
 * Exact confidence bounds of a proportion: Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the
 * case of the binomial", Biometrika 1934. One-sided: each bound alone holds with probability at least 1 − alpha.
 */
import { betaMass, betaPoint } from './beta-distribution.js';

export interface Proportion {
  readonly hits: number;
  readonly draws: number;
}

/** @throws RangeError unless 0 ≤ hits ≤ draws, both whole, draws ≥ 1, and alpha in (0, 1) */
function check({ hits, draws }: Proportion, alpha: number): void {
  if (!(Number.isInteger(hits) && Number.isInteger(draws) && hits >= 0 && hits <= draws && draws >= 1))
    throw new RangeError(`proportion: expected whole numbers 0 ≤ hits ≤ draws, got ${hits} of ${draws}`);
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`alpha: expected a number between 0 and 1, got ${alpha}`);
}

/** The true proportion is above this with probability at least 1 − alpha. @throws RangeError */
export function lowerBound(proportion: Proportion, alpha: number): number {
  check(proportion, alpha);
  const { hits, draws } = proportion;
  if (hits === 0) return 0;
  if (hits === draws) return alpha ** (1 / draws);
  return betaPoint(hits, draws - hits + 1, ({ below }) => below >= alpha);
}

/** The true proportion is below this with probability at least 1 − alpha. @throws RangeError */
export function upperBound(proportion: Proportion, alpha: number): number {
  check(proportion, alpha);
  const { hits, draws } = proportion;
  if (hits === draws) return 1;
  if (hits === 0) return -Math.expm1(Math.log(alpha) / draws);
  return betaPoint(hits + 1, draws - hits, ({ above }) => above <= alpha);
}

/**
 * Whether the lower bound reaches 1/2, without computing it: Beta(hits, draws − hits + 1) has at most alpha of its mass
 * below 1/2.
 */
export function majorityCertain({ hits, draws }: Proportion, alpha: number): boolean {
  check({ hits, draws }, alpha);
  if (hits === 0) return false;
  return betaMass(hits, draws - hits + 1, 0.5).below <= alpha;
}

/** p-value of `hits` in `draws` against a fair coin, two-sided. */
export function fairCoinPValue({ hits, draws }: Proportion): number {
  if (draws === 0) return 1;
  const more = Math.max(hits, draws - hits);
  return Math.min(1, 2 * betaMass(more, draws - more + 1, 0.5).below);
}
