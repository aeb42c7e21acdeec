/**
 * A top-k certificate with confidence: instead of the attention's values, whose means have wide bounds, votes are smoothed:
 * in what share of the draws a token is among the k largest. Shares are means of 0/1 values, so they have Clopper-Pearson
 * bounds, at alpha over the number of tokens each (Bonferroni), and lie far from each other where attention is stable.
 */
import { lowerBound, upperBound } from './clopper-pearson.js';
import { lipschitzRadius } from './faithful-region.js';
import { leavingCount, ranking, type TopKClaim } from './top-k.js';

export interface Votes {
  /** Draws in whose top k each token was. */
  readonly hits: ArrayLike<number>;
  readonly draws: number;
}

/**
 * At every point within this L2 distance, the centre included, the k tokens with the most smoothed votes share at least
 * beta·k with the first k of `order`, with probability at least 1 − alpha over the draws. (If all of S, the first
 * k − k₀ + 1, stay above all of E, those from place k + k₀ on, then a top k without any of E lacks at most k₀ − 1 of the
 * rest, and one with any of E has all of S: either way it shares k − k₀ + 1 with the first k.)
 * @param order the tokens by votes of *other* draws, largest first: a ranking by the draws that bound it is not independent
 */
export function voteRadius(
  { hits, draws }: Votes,
  order: readonly number[],
  claim: TopKClaim & { readonly sigma: number; readonly alpha: number },
): number {
  const { k, beta, sigma, alpha } = claim;
  const leaving = leavingCount(k, beta);
  if (leaving > order.length - k) return Infinity;
  const each = alpha / order.length;
  const proportion = (token: number): { hits: number; draws: number } => ({ hits: hits[token] ?? 0, draws });
  const staying = order.slice(0, k - leaving + 1).map((token) => lowerBound(proportion(token), each));
  const entering = order.slice(k + leaving - 1).map((token) => upperBound(proportion(token), each));
  return lipschitzRadius([Math.min(...staying), Math.max(...entering)], sigma);
}

/** The ranking that `voteRadius` takes, from draws of its own. */
export const voteOrder = ({ hits }: Votes): readonly number[] => ranking(hits);
