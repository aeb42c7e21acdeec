/** Losses of one image from logits [B, K] that came back from the device, in double precision. */
export type HostLoss = (logits: Float32Array, image: number) => number;

const rowOf = (logits: Float32Array, image: number, images: number): Float32Array => {
  const classes = logits.length / images;
  return logits.subarray(image * classes, (image + 1) * classes);
};

export const crossEntropyOf =
  (labels: Int32Array): HostLoss =>
  (logits, image) => {
    const row = rowOf(logits, image, labels.length);
    const largest = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    return largest + Math.log(sum) - (row[labels[image] ?? 0] ?? 0);
  };

/** The targeted difference of logits ratio, the loss `ratio` of `steered-slope.ts`. */
export const targetedRatioOf =
  (labels: Int32Array, targets: Int32Array): HostLoss =>
  (logits, image) => {
    const row = rowOf(logits, image, labels.length);
    const ranked = [...row].sort((a, b) => b - a);
    const below = (ranked[0] ?? 0) - ((ranked[2] ?? 0) + (ranked[3] ?? 0)) / 2 + 1e-12;
    return ((row[targets[image] ?? 0] ?? 0) - (row[labels[image] ?? 0] ?? 0)) / below;
  };

/** z_y − max z_k over k ≠ y: positive for a right answer. */
export const marginOf =
  (labels: Int32Array): HostLoss =>
  (logits, image) => {
    const row = rowOf(logits, image, labels.length);
    const label = labels[image] ?? 0;
    const other = row.reduce((most, logit, k) => (k === label ? most : Math.max(most, logit)), -Infinity);
    return (row[label] ?? 0) - other;
  };
