import type { regionScoresSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { areaUnderRoc, keptMatch, regionScores } from '@vitrine/ml-explain';
import type { VitConfig } from '@vitrine/ml-nn';
import type { z } from 'zod';

/** 1 for patches that lie in the region by more than half, [images, N]; undefined of a set without regions. */
export function patchRegions(
  images: ImageSet,
  { imageSize: S, patchSize: r }: VitConfig,
): Uint8Array | undefined {
  const masks = images.regions?.masks;
  if (!masks) return undefined;
  const side = S / r;
  const inside = new Uint32Array(images.count * side * side);
  masks.forEach((value, at) => {
    const [image, pixel] = [Math.floor(at / (S * S)), at % (S * S)];
    const patch = Math.floor(Math.floor(pixel / S) / r) * side + Math.floor((pixel % S) / r);
    inside[image * side * side + patch] = (inside[image * side * side + patch] ?? 0) + value;
  });
  return Uint8Array.from(inside, (pixels) => (2 * pixels > r * r ? 1 : 0));
}

/** Maps against regions, both [images, N]. Images that lie in the region wholly, or not at all, tell nothing. */
export function scoreRegions(
  maps: Float32Array,
  regions: Uint8Array,
  { N, eitherSide }: { readonly N: number; readonly eitherSide: boolean },
): z.infer<typeof regionScoresSchema> | undefined {
  const rows: Record<'pointing' | 'accuracy' | 'iou' | 'auc' | 'exactMatch', number>[] = [];
  for (let first = 0; first < regions.length; first += N) {
    const [map, region] = [maps.subarray(first, first + N), regions.subarray(first, first + N)];
    const size = region.reduce((sum, value) => sum + value, 0);
    if (size === 0 || size === N) continue;
    const scoresFor = (wanted: Uint8Array) => {
      const { hit, accuracy, iou } = regionScores(map, wanted);
      const exactMatch = keptMatch(map, wanted) ? 1 : 0;
      return { pointing: hit ? 1 : 0, accuracy, iou, auc: areaUnderRoc(map, wanted), exactMatch };
    };
    const inside = scoresFor(region);
    const outside = eitherSide ? scoresFor(region.map((value) => 1 - value)) : inside;
    rows.push(inside.auc >= outside.auc ? inside : outside);
  }
  if (rows.length === 0) return undefined;
  const mean = (of: keyof (typeof rows)[number]): number =>
    rows.reduce((sum, row) => sum + row[of], 0) / rows.length;
  return {
    images: rows.length,
    ...{ pointing: mean('pointing'), accuracy: mean('accuracy'), iou: mean('iou') },
    ...{ auc: mean('auc'), exactMatch: mean('exactMatch') },
  };
}
