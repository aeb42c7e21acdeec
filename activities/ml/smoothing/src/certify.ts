/**
 * Randomized smoothing: Cohen, Rosenfeld, Kolter, "Certified adversarial robustness via randomized smoothing", ICML 2019,
 * procedures CERTIFY and PREDICT (section 3.2). Reference followed: locuslab/smoothing `core.py`.
 *
 * Both work on counts, wherever these were drawn: how many of the noisy copies of an image the classifier gave to each
 * class. The draws that choose the class and those that bound its probability must not be the same.
 */
import { fairCoinPValue, lowerBound, majorityCertain } from './clopper-pearson.js';
import { normalQuantile } from './normal-distribution.js';

export interface CertificationSettings {
  /** Standard deviation of the noise, in the unit in which radii come out. */
  readonly sigma: number;
  /** Probability of a wrong certificate. */
  readonly alpha: number;
}

export type Certificate =
  | { readonly outcome: 'abstained' }
  | {
      readonly outcome: 'certified';
      readonly label: number;
      /** Lower bound of the probability of the label under the noise, above 1/2. */
      readonly probability: number;
      /** The smoothed classifier gives the label everywhere within this L2 distance. */
      readonly radius: number;
    };

/** The class with the most votes; the first on a tie. */
export function topClass(counts: ArrayLike<number>): number {
  let best = 0;
  for (let label = 1; label < counts.length; label++)
    if ((counts[label] ?? 0) > (counts[best] ?? 0)) best = label;
  return best;
}

/**
 * CERTIFY on counts.
 * @param label the class that independent draws chose
 * @param counts of the draws that estimate, by class
 */
export function certify(
  label: number,
  counts: ArrayLike<number>,
  { sigma, alpha }: CertificationSettings,
): Certificate {
  const draws = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const proportion = { hits: counts[label] ?? 0, draws };
  if (!majorityCertain(proportion, alpha)) return { outcome: 'abstained' };
  const probability = lowerBound(proportion, alpha);
  return { outcome: 'certified', label, probability, radius: sigma * normalQuantile(probability) };
}

/** The largest radius that so many draws can certify. */
export const largestRadius = (draws: number, { sigma, alpha }: CertificationSettings): number =>
  sigma * normalQuantile(alpha ** (1 / draws));

export interface Prediction {
  /** Undefined when the two most frequent classes are not told apart. */
  readonly label: number | undefined;
  /** Two-sided, of the two most frequent classes against a fair coin. */
  readonly pValue: number;
}

/** PREDICT on counts: the class that the smoothed classifier gives, wrong with probability at most alpha. */
export function predict(counts: ArrayLike<number>, alpha: number): Prediction {
  const label = topClass(counts);
  const first = counts[label] ?? 0;
  const second = Math.max(0, ...Array.from(counts).filter((_, other) => other !== label));
  const pValue = fairCoinPValue({ hits: first, draws: first + second });
  return { label: pValue > alpha ? undefined : label, pValue };
}
