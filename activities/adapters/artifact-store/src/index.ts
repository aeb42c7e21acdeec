export type {
  ArtifactStore,
  CacheStore,
  CheckpointLease,
  CheckpointStore,
  LineageEdge,
  LineageStore,
  ModelStore,
  RecentEntries,
  RunStore,
  ScheduleStore,
  StageScope,
  SweepStore,
} from './artifact-store.js';
export { SweepLog } from './sweep-log.js';
export { createS3Client, ensureBucket, type S3Settings } from './s3-client.js';
export type { S3Request } from './s3-requests.js';
export { createS3Stores, type Stores, type StoresOptions } from './stores.js';
export { packFolder, unpackFolder, type PackOptions } from './folder-archive.js';
export { createMemoryStores, MemoryObjects } from './memory-store.js';
export {
  blobKey,
  cacheKey,
  parseS3Uri,
  pointerKey,
  requestKey,
  s3Uri,
  sealedKey,
  type Place,
} from './keys.js';
