import type { explanationScoresSchema } from '@vitrine/contracts';
import { areaUnder, hidingCurve, type CurveOptions, type Judge } from '@vitrine/ml-explain';
import type { VitConfig } from '@vitrine/ml-nn';
import type { z } from 'zod';

export type ExplanationScores = z.infer<typeof explanationScoresSchema>;

/** The released code draws its noise anew from this seed for every share. */
const RELEASED_SEED = 123;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Curves of one image by one map. */
function areasOf(judge: Judge, image: Parameters<typeof hidingCurve>[1], config: VitConfig): number[] {
  const curve = (over: Omit<CurveOptions, 'config' | 'seed'>) =>
    hidingCurve(judge, image, { ...over, config, seed: RELEASED_SEED });
  const [positive, negative] = (['positive', 'negative'] as const).map((order) =>
    curve({ procedure: 'released', fill: 'noise', order }),
  );
  const released = [positive?.probability, negative?.probability, positive?.surprise, negative?.surprise];
  const normalised = (fill: 'noise' | 'mean', order: 'positive' | 'negative'): number =>
    areaUnder(curve({ procedure: 'normalised', fill, order }).probability, 'normalised');
  return [
    ...released.map((values) => areaUnder(values ?? [], 'released')),
    ...[normalised('noise', 'positive'), normalised('noise', 'negative')],
    // Showing the most important first is hiding the least important first, read backwards: the area is the same.
    ...[normalised('mean', 'positive'), normalised('mean', 'negative')],
  ];
}

/** Means over the images of the areas under the curves of one method. */
export function scoreMaps(
  method: string,
  images: readonly Parameters<typeof hidingCurve>[1][],
  { judge, config }: { readonly judge: Judge; readonly config: VitConfig },
): ExplanationScores {
  const rows = images.map((image) => areasOf(judge, image, config));
  const column = (at: number): number => mean(rows.map((row) => row[at] ?? NaN));
  return {
    method,
    released: {
      positive: column(0),
      negative: column(1),
      positiveSurprise: column(2),
      negativeSurprise: column(3),
    },
    normalised: { positive: column(4), negative: column(5) },
    ...{ deletion: column(6), insertion: column(7) },
  };
}
