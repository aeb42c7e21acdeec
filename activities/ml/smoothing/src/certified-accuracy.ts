/** What certificates of many examples say of a classifier. */

/** One example as it was certified; an abstention is never right. */
export interface CertifiedExample {
  readonly correct: boolean;
  readonly radius: number;
}

/** Share of all examples that are classified right with a radius of at least `radius`. */
export function certifiedAccuracy(examples: readonly CertifiedExample[], radius: number): number {
  const certified = examples.filter((example) => example.correct && example.radius >= radius).length;
  return certified / examples.length;
}

/** The whole curve: at each radius where it falls, the accuracy up to and including it; first (0, accuracy at 0). */
export function certifiedAccuracyCurve(
  examples: readonly CertifiedExample[],
): readonly (readonly [radius: number, accuracy: number])[] {
  const radii = examples.flatMap(({ correct, radius }) => (correct ? [radius] : [])).sort((a, b) => a - b);
  const steps = radii.flatMap((radius, i): [number, number][] =>
    radius > 0 && radius !== radii[i + 1] ? [[radius, lastShare(radii, radius) / examples.length]] : [],
  );
  return [[0, radii.length / examples.length], ...steps];
}

const lastShare = (sorted: readonly number[], radius: number): number =>
  sorted.length - sorted.indexOf(radius);

/** At each radius the best of several noise levels, as published tables give it. */
export const outerEnvelope = (
  levels: readonly (readonly CertifiedExample[])[],
  radius: number,
): { readonly level: number; readonly accuracy: number } =>
  levels.reduce(
    (best, examples, level) => {
      const accuracy = certifiedAccuracy(examples, radius);
      return accuracy > best.accuracy ? { level, accuracy } : best;
    },
    { level: 0, accuracy: -1 },
  );

/**
 * Each certificate may be wrong with probability alpha; with probability at least 1 − rho the share of examples that is
 * truly robust is above the certified one minus this (Cohen et al. 2019, appendix; Bernstein's inequality).
 */
export const accuracyCorrection = (examples: number, alpha: number, rho: number): number =>
  alpha +
  Math.sqrt((alpha * (1 - alpha) * Math.log(1 / rho)) / examples) +
  Math.log(1 / rho) / (3 * examples);
