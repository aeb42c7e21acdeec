/** What logits [B, K] say of their images, on the host. */

/** Of every image the classes other than its own, from the largest logit down. */
export function rivalsOf(logits: Float32Array, labels: Int32Array): number[][] {
  const classes = logits.length / labels.length;
  return [...labels].map((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    return [...row.keys()].filter((k) => k !== label).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
  });
}

/** Whether no other class is in front; the first of several wins, as in every accuracy here. */
export function isRight(logits: Float32Array, labels: Int32Array, image: number): boolean {
  const classes = logits.length / labels.length;
  const row = logits.subarray(image * classes, (image + 1) * classes);
  return row.indexOf(Math.max(...row)) === labels[image];
}
