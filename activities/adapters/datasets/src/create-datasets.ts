import { join } from 'node:path';
import type { DatasetName } from '@vitrine/contracts';
import { OFFICIAL_LAYOUT } from './cifar10-format.js';
import type { Datasets } from './datasets.js';
import { loadRecords, type RecordFolder } from './load-records.js';
import { unpackSample, type SampleFolders } from './sample.js';

/** Where CIFAR-10 lies in a data folder, however it came there. */
export function cifar10Folder(dataDir: string): string {
  return join(dataDir, 'cifar10');
}

/** The data sets of this machine. One reader for all: the sample is unpacked into the same form first. */
export function createDatasets(folders: SampleFolders): Datasets {
  const sources: Readonly<Record<DatasetName, () => Promise<Omit<RecordFolder, 'name'>>>> = {
    'cifar10-sample': () => unpackSample(folders),
    cifar10: () => Promise.resolve({ folder: cifar10Folder(folders.dataDir), layout: OFFICIAL_LAYOUT }),
  };
  return {
    load: async (name, split, limit) => loadRecords({ name, ...(await sources[name]()) }, split, limit),
  };
}
