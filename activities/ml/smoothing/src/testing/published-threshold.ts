import { divergenceOfTotal, poolingExponent, powerMean, type Direction } from '../renyi.js';
import { borderOf, type TopKClaim } from '../top-k.js';

/** The threshold as it is published: all entries around the border pooled. Not a lower bound when more than one may leave. */
export function publishedThreshold(
  attention: ArrayLike<number>,
  claim: TopKClaim,
  { order, direction }: { readonly order: number; readonly direction: Direction },
): number {
  const { inside, outside } = borderOf(attention, claim);
  const pooled = [...inside, ...outside];
  const mass = pooled.reduce((sum, value) => sum + value, 0);
  const mean = powerMean(pooled, poolingExponent(order, direction));
  return divergenceOfTotal(pooled.length * mean + (1 - mass), order, direction);
}
