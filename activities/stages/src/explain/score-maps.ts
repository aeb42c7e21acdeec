/** The curves of one image by one map as a row of numbers, and what rows of them say of a method. */
import type { curveAreasSchema } from '@vitrine/contracts';
import { areaUnder, hidingCurve, sharesOf, type CurveOptions, type Judge } from '@vitrine/ml-explain';
import type { VitConfig } from '@vitrine/ml-nn';
import type { z } from 'zod';

export type CurveAreas = z.infer<typeof curveAreasSchema>;

/** The released code draws its noise anew from this seed for every share. */
const RELEASED_SEED = 123;

/** In the order in which they stand in a row. The insertion curve is the last of these read backwards. */
export const CURVES = [
  'releasedPositive',
  'releasedNegative',
  'positive',
  'negative',
  'deletion',
  'insertion',
  'divergence',
] as const;
export type CurveName = (typeof CURVES)[number];

export interface CurveShape {
  readonly patches: number;
  /** At most so many shares of whole patches. */
  readonly shares: number;
}

const procedureOf = (name: CurveName): CurveOptions['procedure'] =>
  name === 'releasedPositive' || name === 'releasedNegative' ? 'released' : 'normalised';

const pointsOf = ({ patches, shares }: CurveShape, name: CurveName): number =>
  sharesOf(patches, { procedure: procedureOf(name), shares }) + 1;

export const curveWidth = (shape: CurveShape): number =>
  CURVES.reduce((sum, name) => sum + pointsOf(shape, name), 0);

/** One curve of a row. */
export function curveOf(row: Float32Array, shape: CurveShape, name: CurveName): Float32Array {
  const before = CURVES.slice(0, CURVES.indexOf(name));
  const first = before.reduce((sum, other) => sum + pointsOf(shape, other), 0);
  return row.subarray(first, first + pointsOf(shape, name));
}

/** All curves of one image by one map. */
export function curveRow(
  judge: Judge,
  image: Parameters<typeof hidingCurve>[1],
  { config, shares }: { readonly config: VitConfig; readonly shares: number },
): Float32Array {
  const curve = (over: Pick<CurveOptions, 'procedure' | 'fill' | 'order'>) =>
    hidingCurve(judge, image, { ...over, config, shares, seed: RELEASED_SEED });
  const hidden = curve({ procedure: 'normalised', fill: 'mean', order: 'negative' });
  const curves: Record<CurveName, readonly number[]> = {
    releasedPositive: curve({ procedure: 'released', fill: 'noise', order: 'positive' }).probability,
    releasedNegative: curve({ procedure: 'released', fill: 'noise', order: 'negative' }).probability,
    positive: curve({ procedure: 'normalised', fill: 'noise', order: 'positive' }).probability,
    negative: curve({ procedure: 'normalised', fill: 'noise', order: 'negative' }).probability,
    deletion: curve({ procedure: 'normalised', fill: 'mean', order: 'positive' }).probability,
    insertion: hidden.probability,
    divergence: hidden.divergence,
  };
  return Float32Array.from(CURVES.flatMap((name) => curves[name]));
}

/** Curves of one method, a row an image. */
export interface CurveRows {
  readonly rows: Float32Array;
  readonly shape: CurveShape;
}

const split = ({ rows, shape }: CurveRows): Float32Array[] => {
  const width = curveWidth(shape);
  return Array.from({ length: rows.length / width }, (_, i) => rows.subarray(i * width, (i + 1) * width));
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over the images of each point. */
export function meanCurve(curves: CurveRows, name: CurveName): number[] {
  const each = split(curves).map((row) => curveOf(row, curves.shape, name));
  return Array.from(each[0] ?? [], (_, point) => mean(each.map((curve) => curve[point] ?? NaN)));
}

/** Means over the images of the areas. */
export function areasOf(curves: CurveRows): CurveAreas {
  const area = (name: CurveName, of: (p: number) => number = (p) => p): number =>
    mean(
      split(curves).map((row) =>
        areaUnder(Array.from(curveOf(row, curves.shape, name), of), procedureOf(name)),
      ),
    );
  const surprise = (p: number): number => -Math.log(Math.max(p, Number.MIN_VALUE));
  return {
    released: {
      positive: area('releasedPositive'),
      negative: area('releasedNegative'),
      positiveSurprise: area('releasedPositive', surprise),
      negativeSurprise: area('releasedNegative', surprise),
    },
    normalised: { positive: area('positive'), negative: area('negative') },
    deletion: area('deletion'),
    insertion: area('insertion'),
    divergence: area('divergence'),
  };
}
