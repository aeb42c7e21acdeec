/** The k largest entries of an attention vector, and how many of them two vectors share. */

/**
 * As the definition has it: entries that at most k entries reach. Ties at the border leave fewer than k, down to none.
 */
export function strictTopK(values: ArrayLike<number>, k: number): readonly number[] {
  const all = Array.from(values);
  return all.flatMap((value, i) => (all.filter((other) => other >= value).length <= k ? [i] : []));
}

/** Indices by value, largest first; equal values by index. */
export const ranking = (values: ArrayLike<number>): readonly number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);

/** Exactly k entries: the largest, and of equal ones those with the smaller index. */
export const stableTopK = (values: ArrayLike<number>, k: number): readonly number[] =>
  ranking(values).slice(0, k);

/** |A ∩ B| / k of the top-k sets of two vectors. */
export function topKOverlap(
  [u, v]: readonly [ArrayLike<number>, ArrayLike<number>],
  k: number,
  topK: (values: ArrayLike<number>, k: number) => readonly number[] = stableTopK,
): number {
  const first = new Set(topK(u, k));
  return topK(v, k).filter((index) => first.has(index)).length / k;
}

/**
 * How many of the k must leave before the overlap is below beta: floor((1 − beta) k) + 1, computed so that (1 − 0.9)·10 is
 * the 1 it ought to be.
 */
export const leavingCount = (k: number, beta: number): number => k - Math.ceil(beta * k - 1e-9) + 1;

export interface TopKClaim {
  readonly k: number;
  /** Least overlap of the top-k sets, in (0, 1]. */
  readonly beta: number;
}

/**
 * The entries around the border that the claim stands on: the last that must not leave, and the first that must not enter.
 * @returns A and B, each with `leavingCount` values at most, largest first
 */
export function borderOf(
  values: ArrayLike<number>,
  { k, beta }: TopKClaim,
): { readonly inside: readonly number[]; readonly outside: readonly number[] } {
  const leaving = leavingCount(k, beta);
  const sorted = ranking(values).map((index) => values[index] ?? 0);
  return { inside: sorted.slice(k - leaving, k), outside: sorted.slice(k, k + leaving) };
}
