import { generatedDatasetSchema } from '@vitrine/contracts';
import type { Datasets } from '@vitrine/datasets';

/** Data sets that are made by a rule of the numeric core, beside those that are read. */
export function withGenerated(datasets: Datasets): Datasets {
  return {
    load: async (name, split, limit) => {
      if (!generatedDatasetSchema.safeParse(name).success) return datasets.load(name, split, limit);
      const { countingImages } = await import('./counting-images.js');
      return countingImages(split, limit);
    },
  };
}
