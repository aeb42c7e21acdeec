import type { VitrineConfig } from '@vitrine/config';
import type { Datasets } from '@vitrine/datasets';
import { withGenerated } from './with-generated.js';

/** The data sets as stages read them. The readers bring an image library along, which who reads none does without. */
export function stageDatasets(config: Pick<VitrineConfig, 'dataDir' | 'sampleDir' | 'packages'>): Datasets {
  const { dataDir, sampleDir, packages } = config;
  return withGenerated({
    load: async (...which) => {
      const { createDatasets } = await import('@vitrine/datasets');
      return createDatasets({ dataDir, sampleDir, packages }).load(...which);
    },
  });
}
