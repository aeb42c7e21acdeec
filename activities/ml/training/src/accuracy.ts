/** 97.5 % quantile of the standard normal distribution: 95 % two-sided. */
const Z_95 = 1.959964;

/**
 * Number of rows whose largest logit stands at the label; the first one wins a tie, and a row with
 * a logit that is no number is wrong.
 * @param logits B × classes, row major
 * @throws RangeError if the lengths do not fit
 */
export function accuracyOf(
  logits: Float32Array,
  labels: Uint8Array | Uint16Array | Int32Array,
  classes: number,
): number {
  if (logits.length !== labels.length * classes)
    throw new RangeError(
      `accuracyOf: expected ${labels.length} × ${classes} logits for ${labels.length} labels, got ${logits.length}`,
    );
  let correct = 0;
  labels.forEach((label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const own = scores[label];
    if (scores.every((score, k) => (k < label ? own > score : own >= score))) correct++;
  });
  return correct;
}

/**
 * Wilson's score interval for a proportion (Wilson 1927), which stays inside [0, 1] and holds near 0 and 1.
 * @param z quantile of the standard normal distribution
 * @throws RangeError unless 0 ≤ correct ≤ total and total ≥ 1
 */
export function wilsonInterval(correct: number, total: number, z = Z_95): [low: number, high: number] {
  if (!(total >= 1 && correct >= 0 && correct <= total))
    throw new RangeError(`wilsonInterval: expected 0 ≤ correct ≤ total, got ${correct} of ${total}`);
  const p = correct / total;
  const denominator = 1 + z ** 2 / total;
  const centre = (p + z ** 2 / (2 * total)) / denominator;
  const half = (z * Math.sqrt((p * (1 - p)) / total + z ** 2 / (4 * total ** 2))) / denominator;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
