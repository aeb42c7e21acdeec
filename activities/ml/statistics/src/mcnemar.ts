/**
 * McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 1947,
 * exact: of the images that the two answer differently, each is as likely won by either.
 */
import { fairCoinPValue } from '@vitrine/ml-smoothing';

export interface McNemar {
  /** Images that only the first answers right. */
  readonly firstOnly: number;
  readonly secondOnly: number;
  /** Two-sided, exact. */
  readonly pValue: number;
}

/**
 * @param first per image, whether it is answered right
 * @throws RangeError when the two are of different images
 */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  if (first.length !== second.length)
    throw new RangeError(
      `McNemar: expected as many answers of both, got ${first.length} and ${second.length}`,
    );
  const firstOnly = first.filter((right, i) => right && !second[i]).length;
  const secondOnly = second.filter((right, i) => right && !first[i]).length;
  return {
    firstOnly,
    secondOnly,
    pValue: fairCoinPValue({ hits: firstOnly, draws: firstOnly + secondOnly }),
  };
}
