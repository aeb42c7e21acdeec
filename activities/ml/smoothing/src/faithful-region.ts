/**
 * Within which distance the top of a smoothed attention vector cannot change: Hu et al., "Improving Interpretation
 * Faithfulness for Vision Transformers", ICML 2024 (denoised diffusion smoothing).
 *
 * Differs from the paper: its threshold pools all 2·k₀ entries around the border, which for k₀ ≥ 2 is *above* the least
 * divergence of a violation (one needs only some of them to change places), so the region it gives can be too large.
 * `topKThreshold` minimises over the pools that a violation may have; specs show the difference.
 * A second certificate, by the Lipschitz bound of Salman et al. (NeurIPS 2019, lemma 2) as Levine et al. (2019) use it for
 * the top k, is usually the larger.
 */
import { normalQuantile } from './normal-distribution.js';
import {
  divergenceOfTotal,
  poolingExponent,
  powerMean,
  predictionThreshold,
  renyiRadius,
  type Direction,
} from './renyi.js';
import { borderOf, leavingCount, type TopKClaim } from './top-k.js';

/** @throws RangeError unless k is inside the vector, beta in (0, 1], and the entries lie in [0, 1] */
function check(values: ArrayLike<number>, { k, beta }: TopKClaim): void {
  if (!(Number.isInteger(k) && k >= 1 && k < values.length))
    throw new RangeError(`k: expected a whole number from 1 to ${values.length - 1}, got ${k}`);
  if (!(beta > 0 && beta <= 1)) throw new RangeError(`beta: expected a number in (0, 1], got ${beta}`);
  const odd = Array.from(values).find((value) => !(value >= 0 && value <= 1));
  if (odd !== undefined) throw new RangeError(`attention: expected entries from 0 to 1, got ${odd}`);
}

/** @throws RangeError unless the entries sum to 1 */
function checkSimplex(values: ArrayLike<number>): void {
  const total = Array.from(values).reduce((sum, value) => sum + value, 0);
  if (Math.abs(total - 1) > 1e-5) throw new RangeError(`attention: expected a sum of 1, got ${total}`);
}

/** Fewer can enter than would have to leave: then the overlap never falls below beta. */
const cannotBreak = (values: ArrayLike<number>, { k, beta }: TopKClaim): boolean =>
  leavingCount(k, beta) > values.length - k;

interface Divergence {
  readonly order: number;
  readonly direction: Direction;
}

interface Pool {
  readonly pooled: readonly number[];
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}

/** Which entries may be equal in the nearest violation: the top of A with all of B, or all of A with the bottom of B. */
function pools(a: readonly number[], b: readonly number[]): readonly Pool[] {
  const largest = a.map((_, i) => ({
    pooled: [...a.slice(0, i + 1), ...b],
    inside: a.slice(i + 1),
    outside: [],
  }));
  const smallest = b.slice(1).map((_, i) => ({
    pooled: [...a, ...b.slice(i + 1)],
    inside: [],
    outside: b.slice(0, i + 1),
  }));
  return [...largest, ...smallest];
}

/**
 * The least divergence of this order between the vector and any whose top-k overlap with it is below beta.
 * @param attention on the simplex, one entry per token
 * @throws RangeError
 */
export function topKThreshold(
  attention: ArrayLike<number>,
  claim: TopKClaim,
  divergence: Divergence,
): number {
  return thresholdOf(violationsOf(attention, claim), divergence);
}

/** Ways to break the claim, whatever the divergence; undefined where nothing can. @throws RangeError */
function violationsOf(attention: ArrayLike<number>, claim: TopKClaim): readonly Pool[] | undefined {
  check(attention, claim);
  checkSimplex(attention);
  if (cannotBreak(attention, claim)) return undefined;
  const { inside, outside } = borderOf(attention, claim);
  return pools(inside, outside);
}

function thresholdOf(violations: readonly Pool[] | undefined, { order, direction }: Divergence): number {
  if (!violations) return Infinity;
  const exponent = poolingExponent(order, direction);
  const thresholds = violations.flatMap((pool) => {
    const mean = powerMean(pool.pooled, exponent);
    const feasible = pool.inside.every((a) => a <= mean) && pool.outside.every((b) => mean <= b);
    return feasible ? [pooledDivergence(pool.pooled, mean, { order, direction })] : [];
  });
  return Math.max(0, Math.min(...thresholds));
}

/** Divergence of the distribution whose pooled entries all have the mean, the rest being as it was. */
function pooledDivergence(pooled: readonly number[], mean: number, { order, direction }: Divergence): number {
  const mass = pooled.reduce((sum, value) => sum + value, 0);
  return divergenceOfTotal(Math.max(0, pooled.length * mean + (1 - mass)), order, direction);
}

/** The Rényi radius of the claim: the larger threshold of the two directions, at the best order. */
export function renyiTopKRadius(attention: ArrayLike<number>, claim: TopKClaim, sigma: number): number {
  const violations = violationsOf(attention, claim);
  return renyiRadius(sigma, (order) =>
    Math.max(
      thresholdOf(violations, { order, direction: 'forward' }),
      thresholdOf(violations, { order, direction: 'reverse' }),
    ),
  );
}

/**
 * σ/2 (Φ⁻¹(least that must stay) − Φ⁻¹(most that must stay out)): Φ⁻¹ of a smoothed value in [0, 1] changes by at most the
 * distance over σ. The entries need not sum to 1.
 */
export function lipschitzTopKRadius(values: ArrayLike<number>, claim: TopKClaim, sigma: number): number {
  check(values, claim);
  if (cannotBreak(values, claim)) return Infinity;
  const { inside, outside } = borderOf(values, claim);
  return lipschitzRadius([inside[0] ?? 0, outside.at(-1) ?? 0], sigma);
}

/** Within this distance a smoothed value of `above` stays over one of `below`; 0 when it is not over it to begin with. */
export function lipschitzRadius([above, below]: readonly [number, number], sigma: number): number {
  if (!(above > below)) return 0;
  return (sigma / 2) * (normalQuantile(above) - normalQuantile(below));
}

/** The Rényi radius of a prediction with the two largest probabilities given; smaller than Cohen's for the same noise. */
export const renyiPredictionRadius = (top: readonly [number, number], sigma: number): number =>
  renyiRadius(sigma, (order) =>
    Math.max(predictionThreshold(top, order, 'forward'), predictionThreshold(top, order, 'reverse')),
  );

export interface RegionParts {
  /** Within which the prediction stays. */
  readonly prediction: number;
  /** Within which the attention's top k stays; each by another argument, so the larger one counts. */
  readonly attention: readonly number[];
}

/** Both stay within this L2 distance. */
export const faithfulRadius = ({ prediction, attention }: RegionParts): number =>
  Math.min(prediction, Math.max(0, ...attention));

/** The L∞ ball inside an L2 ball, of vectors with so many entries. */
export const toLInfinity = (radius: number, entries: number): number => radius / Math.sqrt(entries);
