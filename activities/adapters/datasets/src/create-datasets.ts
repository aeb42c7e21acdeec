import { join } from 'node:path';
import {
  builtInDatasetSchema,
  VitrineError,
  type BuiltInDataset,
  type DatasetName,
} from '@vitrine/contracts';
import type { PackagePlaces } from '@vitrine/packages';
import { OFFICIAL_LAYOUT } from './cifar10-format.js';
import type { Datasets, ImageSet } from './datasets.js';
import { loadPackaged } from './packaged-images.js';
import { loadRecords, type RecordFolder } from './load-records.js';
import { isShifted, loadShifted } from './shifted-cifar10.js';
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
      if (isShifted(name)) return loadShifted(folders.dataDir, { name: testOnly(name, split), limit });
      if (ours) return loadRecords({ name: ours, ...(await sources[ours]()) }, split, limit);
      const places = packages ?? { names: [], from: folders.dataDir };
      return loadPackaged({ places, dataDir: folders.dataDir, name }, split, limit);
    },
  };
}

/** @throws VitrineError DatasetMissing of images to train on */
function testOnly(name: DatasetName, split: ImageSet['split']): DatasetName {
  if (split === 'test') return name;
  throw new VitrineError('DatasetMissing', 'This data set has no training images.', {
    where: name,
    expected: 'the split test',
    actual: split,
    hint: 'Train on cifar10, and judge on this.',
  });
}
