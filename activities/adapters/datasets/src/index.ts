export type { Datasets, ImageSet, Regions } from './datasets.js';
export { cifar10Folder, createDatasets } from './create-datasets.js';
export {
  CIFAR10_ARCHIVE,
  fetchCifar10,
  importCifar10,
  type FetchOptions,
  type FetchProgress,
  type ImportOptions,
  type Obtained,
} from './obtain-cifar10.js';
export { sampleManifestSchema, unpackSample, type SampleFolders, type SampleManifest } from './sample.js';
export { loadPictures, type PictureOptions } from './pictures.js';
export { CLASS_NAMES } from './cifar10-format.js';
