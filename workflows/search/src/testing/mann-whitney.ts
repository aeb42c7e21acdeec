import { normalCdf } from '../samplers/normal.js';

/**
 * How likely values as large as `ours` are, or larger, if both samples have one distribution: the one-sided test of Mann and
 * Whitney, with ties and continuity corrected, by the normal approximation.
 */
export function pOurAreLarger(ours: readonly number[], theirs: readonly number[]): number {
  const [n, m] = [ours.length, theirs.length];
  const all = [...ours, ...theirs].toSorted((a, b) => a - b);
  let wins = 0;
  for (const own of ours) for (const other of theirs) wins += own > other ? 1 : own === other ? 0.5 : 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to] === all[from]) to += 1;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance <= 0) return 1;
  return normalCdf(-(wins - (n * m) / 2 - 0.5) / Math.sqrt(variance));
}
