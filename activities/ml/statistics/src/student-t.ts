/**
 * Student's t distribution for any positive number of degrees of freedom.
 *
 * Papers: Lanczos, "A Precision Approximation of the Gamma Function", SIAM J. Numer. Anal. 1964 (coefficients of Godfrey);
 * the continued fraction of Abramowitz & Stegun 26.5.8 by Lentz's method.
 */
import { continuedFraction } from '@vitrine/ml-smoothing';

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const LANCZOS_SHIFT = 7;

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + LANCZOS_SHIFT + 0.5;
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const PRECISION = { nearOne: 1e-15, mostTerms: 10_000 };

/** The regularised incomplete beta function I_x(a, b). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(a, b, { x, ...PRECISION })) / a
    : 1 - (front * continuedFraction(b, a, { x: 1 - x, ...PRECISION })) / b;
}

/** The probability of a value above `t`, for t ≥ 0. */
export const studentTail = (t: number, degrees: number): number =>
  incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;

/**
 * Where a share of the distribution lies below, of degrees from 1; the share from 1/2 to below 1.
 * @throws RangeError
 */
export function studentQuantile(share: number, degrees: number): number {
  if (!(share >= 0.5 && share < 1)) throw new RangeError(`share: expected 0.5 ≤ share < 1, got ${share}`);
  if (!(degrees >= 1)) throw new RangeError(`degrees of freedom: expected 1 or more, got ${degrees}`);
  let [low, high] = [0, 1];
  while (studentTail(high, degrees) > 1 - share) high *= 2;
  for (let step = 0; step < 200 && low < high; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTail(middle, degrees) > 1 - share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
