/**
 * A map against the mask of the object: pixel accuracy and mean intersection over union of the whole data set, mean over images
 * of average precision. Reference followed: the segmentation test of hila-chefer/Transformer-Explainability, whose average precision is
 * over background and foreground scores in one list.
 */

/** Of a pixel of the mask. Others are not looked at. */
const [BACKGROUND, FOREGROUND] = [0, 1];

/** Counts of one image; sums of them say it of a data set. */
export interface SegmentationCounts {
  readonly right: number;
  readonly labelled: number;
  /** Of background and foreground. */
  readonly intersections: [number, number];
  readonly unions: [number, number];
  readonly averagePrecision: number;
}

/** From the least to the largest value, 0 to 1; a map that is the same everywhere is 0. */
function normalised(map: ArrayLike<number>): number[] {
  const values = Array.from(map);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const span = values.reduce((a, b) => Math.max(a, b), -Infinity) - least;
  return values.map((value) => (span > 0 ? (value - least) / span : 0));
}

/** A pixel is foreground where the map, from 0 to 1, is above its mean. */
export function segmentationCounts(map: ArrayLike<number>, mask: ArrayLike<number>): SegmentationCounts {
  const scores = normalised(map);
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  const seen = scores.flatMap((score, i) => {
    const truth = mask[i];
    return truth === BACKGROUND || truth === FOREGROUND
      ? [{ score, truth, found: score > mean ? 1 : 0 }]
      : [];
  });
  const count = (of: (pixel: (typeof seen)[number]) => boolean): number => seen.filter(of).length;
  const both = (kind: number): number => count(({ truth, found }) => truth === kind && found === kind);
  const either = (kind: number): number => count(({ truth, found }) => truth === kind || found === kind);
  const scored = seen.flatMap(({ score, truth }) => [
    { score: 1 - score, hit: truth === BACKGROUND },
    { score, hit: truth === FOREGROUND },
  ]);
  return {
    right: count(({ truth, found }) => truth === found),
    labelled: seen.length,
    intersections: [both(BACKGROUND), both(FOREGROUND)],
    unions: [either(BACKGROUND), either(FOREGROUND)],
    averagePrecision: averagePrecision(scored),
  };
}

/** Σ (recall − recall before) · precision, equal scores taken together; 0 where nothing is to be found. */
export function averagePrecision(
  scored: readonly { readonly score: number; readonly hit: boolean }[],
): number {
  const sorted = [...scored].sort((a, b) => b.score - a.score);
  const hits = sorted.filter(({ hit }) => hit).length;
  let [found, before, area] = [0, 0, 0];
  sorted.forEach(({ score, hit }, i) => {
    if (hit) found += 1;
    if (sorted[i + 1]?.score === score) return;
    area += ((found - before) / hits) * (found / (i + 1));
    before = found;
  });
  return hits > 0 ? area : 0;
}

export interface SegmentationScores {
  readonly pixelAccuracy: number;
  readonly meanIntersectionOverUnion: number;
  readonly meanAveragePrecision: number;
}

export function segmentationScores(images: readonly SegmentationCounts[]): SegmentationScores {
  const total = (of: (counts: SegmentationCounts) => number): number =>
    images.reduce((sum, counts) => sum + of(counts), 0);
  const overlap = (kind: 0 | 1): number => {
    const union = total(({ unions }) => unions[kind]);
    return union > 0 ? total(({ intersections }) => intersections[kind]) / union : 0;
  };
  return {
    pixelAccuracy: total(({ right }) => right) / total(({ labelled }) => labelled),
    meanIntersectionOverUnion: (overlap(0) + overlap(1)) / 2,
    meanAveragePrecision: total((counts) => counts.averagePrecision) / images.length,
  };
}
