import { augmentationParts, type AugmentationSpec } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import type { BatchSequence } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';

interface Settings {
  readonly batchSize: number;
  readonly cropPadding: number;
  readonly flip: boolean;
  readonly augmentation: AugmentationSpec;
}

/** The training batches of a stage: what its parameters say, with the statistics that its model normalises by. */
export function augmentedSequence(
  set: ImageSet,
  { batchSize, cropPadding, flip, augmentation }: Settings,
  { seed, model: { mean, std } }: { readonly seed: number; readonly model: Pick<VitConfig, 'mean' | 'std'> },
): BatchSequence {
  const { randAugment, erasing, mixing } = augmentationParts(augmentation);
  const fill = mean.map((value) => Math.min(255, Math.round(255 * value)));
  return {
    ...{ set, batchSize, seed, cropPadding, flip, mixing },
    ...(randAugment && {
      randAugment: {
        ...{ layers: randAugment.layers, magnitude: randAugment.magnitude, fill },
        deviation: randAugment.magnitudeDeviation,
        largest: randAugment.largestMagnitude,
        probability: randAugment.probability,
      },
    }),
    ...(erasing && { erasing: { ...erasing, mean, std } }),
  };
}

/** Whether the images of a batch are blended. */
export const isMixed = (augmentation: AugmentationSpec): boolean =>
  augmentationParts(augmentation).mixing !== undefined;
