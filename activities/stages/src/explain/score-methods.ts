import type { explanationAgreementSchema, explanationScoresSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { keptOverlap, rankCorrelation } from '@vitrine/ml-explain';
import type { StateDict } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import { meanMaskScores } from './mask-figures.js';
import { scoreRegions } from './region-scores.js';
import { areasOf, type CurveShape } from './score-maps.js';

export type ExplanationScores = z.infer<typeof explanationScoresSchema>;
export type ExplanationAgreement = z.infer<typeof explanationAgreementSchema>;

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const floats = (arrays: StateDict, name: string): Float32Array | undefined =>
  arrays[name]?.data as Float32Array | undefined;

/** What the arrays of the work say of each method. */
export function scoresOf(
  methods: readonly string[],
  arrays: StateDict,
  found: {
    readonly images: ImageSet;
    readonly curveShape: CurveShape;
    /** Of patches, [images, N]. */
    readonly regions: Uint8Array | undefined;
  },
): ExplanationScores[] {
  const { images, curveShape, regions } = found;
  const eitherSide = images.regions?.eitherSide ?? false;
  return methods.map((method) => {
    const curves = floats(arrays, `curves.${method}`);
    const randomised = floats(arrays, `randomised.${method}`);
    const masks = floats(arrays, `masks.${method}`);
    const maps = floats(arrays, `maps.${method}`) ?? new Float32Array();
    const region = regions && scoreRegions(maps, regions, { N: curveShape.patches, eitherSide });
    return {
      method,
      ...(curves && { curves: areasOf({ rows: curves, shape: curveShape }) }),
      ...(randomised && { randomised: mean(randomised) }),
      ...(region && { region }),
      ...(masks && { masks: meanMaskScores(masks) }),
    };
  });
}

/** Every pair of methods, in order. */
export function agreementsOf(
  methods: readonly string[],
  arrays: StateDict,
  N: number,
): ExplanationAgreement[] {
  const rows = (method: string): Float32Array[] => {
    const maps = floats(arrays, `maps.${method}`) ?? new Float32Array();
    return Array.from({ length: maps.length / N }, (_, i) => maps.subarray(i * N, (i + 1) * N));
  };
  const aboveMean = (map: Float32Array): Float32Array => {
    const middle = mean(map);
    return map.map((value) => (value > middle ? 1 : 0));
  };
  return methods.flatMap((a, i) =>
    methods.slice(i + 1).map((b) => {
      const [left, right] = [rows(a), rows(b)];
      const over = (of: (x: Float32Array, y: Float32Array) => number): number =>
        mean(left.map((map, image) => of(map, right[image] ?? map)));
      return {
        methods: [a, b] as [string, string],
        rankCorrelation: over(rankCorrelation),
        overlap: over((x, y) => keptOverlap(aboveMean(x), aboveMean(y))),
      };
    }),
  );
}
