import type { NoiseJudge } from './noise-judge.js';

/** Halvings of the range, in ratios: norms are then known to 0.06 %, wherever in the range they lie. */
const ROUNDS = 14;
/** The norms that are looked at, in those of the noises that they are compared with. */
const [SHORTEST, LONGEST] = [2 ** -12, 4];

export interface Shrunk {
  readonly norm: number;
  readonly mseProbs: number;
  /** Whether a longer one does more than the noise. If not, even the longest that was looked at does less: `norm` is too low. */
  readonly reached: boolean;
}

/**
 * The norm to which a random noise must be shrunk to change probabilities as much as each noise does, on the same images:
 * what shrinking alone reaches, beside what was learned. By bisection, for all noises together. Approached from below, so
 * that the random noise never does more; a norm of 0 where every one that was looked at does.
 */
export async function shrinkToEqual(
  judge: Pick<NoiseJudge, 'influence'>,
  options: {
    readonly wanted: readonly { readonly norm: number; readonly mseProbs: number }[];
    /** A random noise for the one at this place, of this norm; of equal direction at every norm. */
    readonly random: (at: number, norm: number) => Float32Array;
    readonly onCall: () => Promise<void>;
  },
): Promise<Shrunk[]> {
  const { wanted, random, onCall } = options;
  const ranges = wanted.map(({ norm }) => ({
    ...{ low: SHORTEST * norm, high: LONGEST * norm },
    found: { norm: 0, mseProbs: 0, reached: false },
  }));
  for (let round = 0; round < ROUNDS; round++) {
    const norms = ranges.map(({ low, high }) => Math.sqrt(low * high));
    const seen = await judge.influence(
      norms.map((norm, at) => random(at, norm)),
      onCall,
    );
    ranges.forEach((range, at) => {
      const [norm = NaN, mseProbs = NaN] = [norms[at], seen[at]?.mseProbs];
      if (mseProbs <= (wanted[at]?.mseProbs ?? NaN)) {
        range.low = norm;
        range.found = { ...range.found, norm, mseProbs };
      } else {
        range.high = norm;
        range.found = { ...range.found, reached: true };
      }
    });
  }
  return ranges.map(({ found }) => found);
}
shrinkToEqual.rounds = ROUNDS;
