/**
 * How far two arms of a study are apart, when both seeds and test images are samples: a crossed random-effects model of the
 * differences, d(s, i) = μ + seed(s) + image(i) + rest(s, i), its variances by the mean squares of a two-way layout.
 *
 * Papers: Satterthwaite, "An Approximate Distribution of Estimates of Variance Components", Biometrics Bulletin 1946 (the
 * degrees of freedom); Scheffé, "The Analysis of Variance", 1959, chapter 7.
 *
 *     Var(mean) = (MS_seed + MS_image − MS_rest) / (S N),   a component that comes out negative counts as zero
 */
import { studentQuantile } from './student-t.js';

/** Differences of the arms, seed by seed: S rows of N images. */
export interface PairedDifferences {
  readonly values: ArrayLike<number>;
  readonly seeds: number;
  readonly images: number;
}

export interface PairedComparison {
  /** Mean difference. */
  readonly difference: number;
  /** 95 % interval over seeds and images; over images alone where there is one seed. */
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** The true difference that such a study would have told from zero with probability 0.8. */
  readonly detectable: number;
  readonly seeds: number;
  readonly images: number;
}

const POWER = 0.8;

/** @throws RangeError without two images and one seed, or when the values are of another number */
export function comparePaired(differences: PairedDifferences): PairedComparison {
  const { values, seeds, images } = differences;
  if (!(seeds >= 1 && images >= 2 && values.length === seeds * images))
    throw new RangeError(
      `paired differences: expected seeds ≥ 1 rows of images ≥ 2, got ${values.length} values of ${seeds} × ${images}`,
    );
  const difference = mean(values.length, (i) => values[i] ?? NaN);
  const { variance, degreesOfFreedom } = varianceOfMean(differences, difference);
  const standardError = Math.sqrt(variance);
  const wide = studentQuantile(0.975, degreesOfFreedom);
  return {
    ...{ difference, standardError, degreesOfFreedom, seeds, images },
    low: difference - wide * standardError,
    high: difference + wide * standardError,
    detectable: (wide + studentQuantile(POWER, degreesOfFreedom)) * standardError,
  };
}

const mean = (count: number, value: (index: number) => number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum / count;
};

interface Spread {
  readonly variance: number;
  readonly degreesOfFreedom: number;
}

function varianceOfMean({ values, seeds, images }: PairedDifferences, centre: number): Spread {
  const at = (seed: number, image: number): number => values[seed * images + image] ?? NaN;
  const imageMeans = Array.from({ length: images }, (_, i) => mean(seeds, (s) => at(s, i)));
  const ofImages = (seeds * squares(imageMeans, centre)) / (images - 1);
  if (seeds === 1) return { variance: ofImages / images, degreesOfFreedom: images - 1 };
  const seedMeans = Array.from({ length: seeds }, (_, s) => mean(images, (i) => at(s, i)));
  const ofSeeds = (images * squares(seedMeans, centre)) / (seeds - 1);
  let rest = 0;
  for (let s = 0; s < seeds; s++)
    for (let i = 0; i < images; i++)
      rest += (at(s, i) - (seedMeans[s] ?? 0) - (imageMeans[i] ?? 0) + centre) ** 2;
  const restDegrees = (seeds - 1) * (images - 1);
  const ofRest = rest / restDegrees;
  return satterthwaite(seeds * images, [
    { square: ofSeeds, degrees: seeds - 1, kept: ofSeeds > ofRest },
    { square: ofImages, degrees: images - 1, kept: ofImages > ofRest },
    { square: ofRest, degrees: restDegrees, kept: true },
  ]);
}

interface MeanSquare {
  readonly square: number;
  readonly degrees: number;
  /** Whether there is a component beyond the rest. */
  readonly kept: boolean;
}

function satterthwaite(
  count: number,
  [seeds, images, rest]: readonly [MeanSquare, MeanSquare, MeanSquare],
): Spread {
  const kept = [seeds, images].filter((one) => one.kept);
  // Each component beyond the rest is its mean square less the rest's; the rest itself counts once.
  const factor = 1 - kept.length;
  const total = kept.reduce((sum, { square }) => sum + square, factor * rest.square);
  const spread = kept.reduce(
    (sum, { square, degrees }) => sum + square ** 2 / degrees,
    (factor * rest.square) ** 2 / rest.degrees,
  );
  const degreesOfFreedom = spread > 0 ? Math.max(1, total ** 2 / spread) : rest.degrees;
  return { variance: total / count, degreesOfFreedom };
}

const squares = (values: readonly number[], centre: number): number =>
  values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
