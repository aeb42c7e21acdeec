import type { faithfulnessFiguresSchema } from '@vitrine/contracts';
import { areaUnder } from '@vitrine/ml-explain';
import { PERTURBED_SHARES, segmentationScores } from '@vitrine/ml-smoothing';
import type { z } from 'zod';
import type { JudgedImage } from './attention-judge.js';

export type FaithfulnessFigures = z.infer<typeof faithfulnessFiguresSchema>;

const SIDES = ['plain', 'smoothed'] as const;
type Pair<T> = { plain: T; smoothed: T };

const both = <T>(of: (side: (typeof SIDES)[number]) => T): Pair<T> => ({
  plain: of('plain'),
  smoothed: of('smoothed'),
});

/** Means over images, from their rows alone. */
export function figuresOf(images: readonly JudgedImage[]): FaithfulnessFigures {
  const mean = (of: (image: JudgedImage) => number): number =>
    images.reduce((sum, image) => sum + of(image), 0) / images.length;
  const overlap = (condition: keyof JudgedImage['overlap']): Pair<number> =>
    both((side) => mean((image) => image.overlap[condition][side]));
  const curve = (outcomes: (image: JudgedImage) => string): { accuracies: number[]; area: number } => {
    const accuracies = PERTURBED_SHARES.map((_, i) => mean((image) => (outcomes(image)[i] === '1' ? 1 : 0)));
    return { accuracies, area: areaUnder(accuracies, 'normalised') };
  };
  const curves = (of: 'clean' | 'attacked'): FaithfulnessFigures['perturbation']['clean'] =>
    both((side) => ({
      positive: curve((image) => image.perturbation[of][side].positive),
      negative: curve((image) => image.perturbation[of][side].negative),
    }));
  const segmented = images.flatMap(({ segmentation }) => segmentation ?? []);
  return {
    images: images.length,
    overlap: {
      perturbed: overlap('perturbed'),
      transferred: overlap('transferred'),
      adaptive: overlap('adaptive'),
    },
    sensitivity: both((side) => mean((image) => image.sensitivity[side])),
    perturbation: { clean: curves('clean'), attacked: curves('attacked') },
    ...(segmented.length > 0 && {
      segmentation: both((side) => segmentationScores(segmented.map((counts) => counts[side]))),
    }),
  };
}
