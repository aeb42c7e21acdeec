/**
 * Rényi divergence, and the least divergence at which a prediction can change.
 *
 * Papers: Rényi 1961; Gil, Alajaji, Linder, "Rényi divergence measures for commonly used univariate continuous
 * distributions", 2013 (Gaussians); Li, Chen, Wang, Carin, "Certified adversarial robustness with additive noise", NeurIPS
 * 2019, lemma 1 (the threshold of a prediction).
 */

/** Within this of 1 the order counts as 1: the Kullback-Leibler divergence. */
const NEAR_ONE = 1e-6;

const isOne = (order: number): boolean => Math.abs(order - 1) < NEAR_ONE;

function logSumExp(terms: readonly number[]): number {
  const largest = Math.max(...terms);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** D_order(P ‖ Q) of two distributions over the same outcomes; order in (0, ∞]. @throws RangeError */
export function renyiDivergence(p: ArrayLike<number>, q: ArrayLike<number>, order: number): number {
  if (p.length !== q.length)
    throw new RangeError(`renyiDivergence: expected ${p.length} probabilities, got ${q.length}`);
  if (!(order > 0)) throw new RangeError(`renyiDivergence, order: expected a positive number, got ${order}`);
  const pairs = Array.from(p, (pi, i) => [pi, q[i] ?? 0] as const).filter(([pi]) => pi > 0);
  if (order >= 1 && pairs.some(([, qi]) => qi === 0)) return Infinity;
  if (order === Infinity) return Math.max(...pairs.map(([pi, qi]) => Math.log(pi / qi)));
  if (isOne(order)) return pairs.reduce((sum, [pi, qi]) => sum + pi * Math.log(pi / qi), 0);
  const both = pairs.filter(([, qi]) => qi > 0);
  return logSumExp(both.map(([pi, qi]) => order * Math.log(pi) + (1 - order) * Math.log(qi))) / (order - 1);
}

export interface Gaussian {
  readonly mean: number;
  readonly variance: number;
}

/** D_order of two Gaussians on the line; infinite when the order outruns the variances. */
export function gaussianRenyi(p: Gaussian, q: Gaussian, order: number): number {
  const distance = (p.mean - q.mean) ** 2;
  if (isOne(order)) return (Math.log(q.variance / p.variance) + (p.variance + distance) / q.variance - 1) / 2;
  const mixed = (1 - order) * p.variance + order * q.variance;
  if (mixed <= 0) return Infinity;
  const logs = (1 - order) * Math.log(p.variance) + order * Math.log(q.variance);
  return (order * distance) / (2 * mixed) + (Math.log(mixed) - logs) / (2 * (1 - order));
}

/** Which way round the divergence between the clean distribution P and another Q is taken. */
export type Direction = 'forward' | 'reverse';

/**
 * (mean of xᵉ)^(1/e) for positive numbers, by logarithms; the geometric mean at e = 0. Zero for a zero entry unless the
 * exponent is positive.
 */
export function powerMean(values: readonly number[], exponent: number): number {
  const count = Math.log(values.length);
  if (exponent === 0 || Math.abs(exponent) < NEAR_ONE)
    return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  return Math.exp((logSumExp(values.map((value) => exponent * Math.log(value))) - count) / exponent);
}

/** Of `total`, the mass that the nearest violating distribution has before it is normalised. */
export const divergenceOfTotal = (total: number, order: number, direction: Direction): number => {
  if (direction === 'forward') return -Math.log(total);
  return isOne(order) ? total - 1 : (order / (order - 1)) * Math.log(total);
};

/** Exponent of the mean that pools entries: 1 − order towards Q ‖ P, order towards P ‖ Q. */
export const poolingExponent = (order: number, direction: Direction): number =>
  direction === 'forward' ? 1 - order : order;

/**
 * The least D_order between a distribution with largest entries p1 ≥ p2 and any whose largest entry is another's: forward
 * is D(Q ‖ P), reverse D(P ‖ Q). @throws RangeError
 */
export function predictionThreshold(
  [p1, p2]: readonly [number, number],
  order: number,
  direction: Direction = 'forward',
): number {
  if (!(p1 >= p2 && p2 >= 0 && p1 + p2 <= 1 + 1e-12))
    throw new RangeError(`predictionThreshold: expected p1 ≥ p2 ≥ 0 with p1 + p2 ≤ 1, got ${p1} and ${p2}`);
  const pooled = 2 * powerMean([p1, p2], poolingExponent(order, direction));
  return Math.max(0, divergenceOfTotal(1 - p1 - p2 + pooled, order, direction));
}

/** Orders over which radii are maximised: 1 + 10^t for t from −3 to 2. */
export const ORDERS: readonly number[] = Array.from({ length: 501 }, (_, i) => 1 + 10 ** (-3 + i / 100));

/**
 * σ sup √(2 e(a) / a): within this L2 distance N(x, σ²) and N(x′, σ²) are nearer in every order a than the threshold e(a),
 * because D_a = a ‖x − x′‖² / 2σ², and no processing brings what follows further apart.
 */
export function renyiRadius(sigma: number, threshold: (order: number) => number): number {
  const best = ORDERS.reduce((most, order) => Math.max(most, (2 * threshold(order)) / order), 0);
  return sigma * Math.sqrt(best);
}
