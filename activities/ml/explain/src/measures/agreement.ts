/**
 * How two maps of one image, or a map and a region, agree. Two seeds of a method are compared by it, and so is a map with that
 * of a model whose weights were drawn anew (Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018): a map that stays
 * the same explains nothing the model has learned.
 */

/** Ranks from 0, equal values sharing their mean rank. */
function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  const found = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1] ?? 0] === values[order[first] ?? 0]) last += 1;
    for (let i = first; i <= last; i++) found[order[i] ?? 0] = (first + last) / 2;
    first = last + 1;
  }
  return found;
}

/** Spearman's rank correlation in [−1, 1]; 0 where one of the maps is the same everywhere. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  const product = (u: number[], v: number[]): number =>
    u.reduce((sum, value, i) => sum + (value - mean) * ((v[i] ?? 0) - mean), 0);
  const scale = Math.sqrt(product(x, x) * product(y, y));
  return scale > 0 ? product(x, y) / scale : 0;
}

/** Intersection over union of what two masks keep; 1 when both keep nothing. */
export function keptOverlap(a: ArrayLike<number>, b: ArrayLike<number>, cut = 0.5): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [(a[i] ?? 0) > cut, (b[i] ?? 0) > cut];
    if (inA && inB) both += 1;
    if (inA || inB) either += 1;
  }
  return either > 0 ? both / either : 1;
}

/** Whether a mask above the cut is the region, patch by patch. */
export const keptMatch = (mask: ArrayLike<number>, region: ArrayLike<number>, cut = 0.5): boolean =>
  Array.from(mask).every((value, i) => value > cut === (region[i] === 1));

export interface RegionScores {
  /** Whether the largest value is inside (Zhang et al., pointing game, ECCV 2016); the first of equal ones decides. */
  readonly hit: boolean;
  /** Of the map cut at its mean: share of patches on the right side, and intersection over union with the region. */
  readonly accuracy: number;
  readonly iou: number;
}

/** A map against the patches that are known to matter, 1 inside. */
export function regionScores(map: ArrayLike<number>, region: ArrayLike<number>): RegionScores {
  const values = Array.from(map);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const right = values.filter((value, i) => value > mean === (region[i] === 1)).length;
  const hit = region[values.indexOf(Math.max(...values))] === 1;
  return {
    hit,
    accuracy: right / values.length,
    iou: keptOverlap(
      map,
      Array.from(region, (inside) => (inside === 1 ? Infinity : -Infinity)),
      mean,
    ),
  };
}
