import type { NoiseJudge } from './noise-judge.js';

const ROUNDS = 14;
/** Of the norm of the noise that it is compared with. */
const LONGEST = 4;

/**
 * The norm to which a random noise must be shrunk to change probabilities as much as each noise does, on the same images:
 * what shrinking alone reaches, beside what was learned. By bisection, for all noises together.
 */
export async function shrinkToEqual(
  judge: NoiseJudge,
  options: {
    readonly wanted: readonly { readonly norm: number; readonly mseProbs: number }[];
    /** A random noise for the one at this place, of this norm; of equal direction at every norm. */
    readonly random: (at: number, norm: number) => Float32Array;
    readonly onCall: () => Promise<void>;
  },
): Promise<{ readonly norm: number; readonly mseProbs: number }[]> {
  const { wanted, random, onCall } = options;
  const ranges = wanted.map(({ norm }) => ({ low: 0, high: LONGEST * norm, mseProbs: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    const norms = ranges.map(({ low, high }) => (low + high) / 2);
    const seen = await judge.influence(
      norms.map((norm, at) => random(at, norm)),
      onCall,
    );
    ranges.forEach((range, at) => {
      const mseProbs = seen[at]?.mseProbs ?? NaN;
      const norm = norms[at] ?? NaN;
      // The longest that does not do more.
      if (mseProbs <= (wanted[at]?.mseProbs ?? NaN)) Object.assign(range, { low: norm, mseProbs });
      else range.high = norm;
    });
  }
  return ranges.map(({ low, mseProbs }) => ({ norm: low, mseProbs }));
}
shrinkToEqual.rounds = ROUNDS;
