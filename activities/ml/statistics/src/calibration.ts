/**
 * How far probabilities mean what they say: the expected calibration error over equal bins of confidence (Naeini, Cooper &
 * Hauskrecht, AAAI 2015; Guo et al., ICML 2017, equation 3), Brier's score over all classes (Brier 1950), and the mean negative
 * log-likelihood. Reference followed: torchmetrics 1.9.0.
 */
/** 97.5 % quantile of the standard normal distribution: 95 % two-sided. */
const Z_95 = 1.959964;

export interface ConfidenceBin {
  readonly images: number;
  /** Means over them; 0 without any. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** A mean over the images with its 95 % interval. */
export interface MeanScore {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Calibration {
  /** Mean over the images of |accuracy − confidence| of their bins; and the largest of any bin. */
  readonly expectedError: number;
  readonly largestError: number;
  readonly brier: MeanScore;
  /** In nats. */
  readonly logLoss: MeanScore;
  /** Share of the images whose class is among the five largest logits. */
  readonly topFive: number;
  /** From confidence 0 to 1. */
  readonly bins: readonly ConfidenceBin[];
}

export interface LabelledLogits {
  /** [B, K]. −∞ stands for a class that cannot be. */
  readonly logits: Float32Array;
  readonly labels: readonly number[];
  readonly classes: number;
}

/** Undefined where a row is no distribution, or gives its own class no chance. */
export function calibrationOf(
  { logits, labels, classes }: LabelledLogits,
  count = 15,
): Calibration | undefined {
  const bins = Array.from({ length: count }, () => ({ images: 0, confidence: 0, right: 0 }));
  const brier: number[] = [];
  const losses: number[] = [];
  let amongFive = 0;
  for (const [image, label] of labels.entries()) {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const largest = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    const own = row[label] ?? NaN;
    const loss = Math.log(sum) + largest - own;
    if (!Number.isFinite(loss)) return undefined;
    losses.push(loss);
    brier.push(
      row.reduce(
        (total, logit, k) => total + (Math.exp(logit - largest) / sum - Number(k === label)) ** 2,
        0,
      ),
    );
    const confidence = 1 / sum;
    const bin = bins[Math.min(Math.floor(confidence * count), count - 1)];
    if (bin) {
      bin.images += 1;
      bin.confidence += confidence;
      bin.right += Number(row.indexOf(largest) === label);
    }
    amongFive += Number(row.filter((logit, k) => logit > own || (logit === own && k < label)).length < 5);
  }
  const gaps = bins.map(({ images, confidence, right }) => Math.abs(right - confidence) / (images || 1));
  return {
    expectedError: bins.reduce((total, bin, at) => total + (gaps[at] ?? 0) * bin.images, 0) / labels.length,
    largestError: Math.max(...gaps),
    brier: meanScore(brier),
    logLoss: meanScore(losses),
    topFive: amongFive / labels.length,
    bins: bins.map(({ images, confidence, right }) => ({
      images,
      confidence: confidence / (images || 1),
      accuracy: right / (images || 1),
    })),
  };
}

/** By the central limit theorem. */
function meanScore(values: readonly number[]): MeanScore {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = Z_95 * Math.sqrt(squares / Math.max(values.length - 1, 1) / values.length);
  return { mean, low: Math.max(mean - half, 0), high: mean + half };
}
