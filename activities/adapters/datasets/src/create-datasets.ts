import { join } from 'node:path';
import { builtInDatasetSchema, type BuiltInDataset } from '@vitrine/contracts';
import type { PackagePlaces } from '@vitrine/packages';
import { OFFICIAL_LAYOUT } from './cifar10-format.js';
import type { Datasets } from './datasets.js';
import { loadPackaged } from './packaged-images.js';
import { loadRecords, type RecordFolder } from './load-records.js';
import { unpackSample, type SampleFolders } from './sample.js';

/** Where CIFAR-10 lies in a data folder, however it came there. */
export function cifar10Folder(dataDir: string): string {
  return join(dataDir, 'cifar10');
}

export interface DataPlaces extends SampleFolders {
  /** Packages that bring data sets; none when left out. */
  readonly packages?: PackagePlaces;
}

/**
 * The data sets of this machine: ours, with one reader, because the sample is unpacked into the same form first, and those of
 * packages.
 */
export function createDatasets({ packages, ...folders }: DataPlaces): Datasets {
  const sources: Readonly<Record<BuiltInDataset, () => Promise<Omit<RecordFolder, 'name'>>>> = {
    'cifar10-sample': () => unpackSample(folders),
    cifar10: () => Promise.resolve({ folder: cifar10Folder(folders.dataDir), layout: OFFICIAL_LAYOUT }),
  };
  return {
    load: async (name, split, limit) => {
      const ours = builtInDatasetSchema.safeParse(name).data;
      if (ours) return loadRecords({ name: ours, ...(await sources[ours]()) }, split, limit);
      const places = packages ?? { names: [], from: folders.dataDir };
      return loadPackaged({ places, dataDir: folders.dataDir, name }, split, limit);
    },
  };
}
