import type {
  ArtifactStore,
  CacheStore,
  CheckpointStore,
  LineageStore,
  ModelStore,
  RunStore,
  ScheduleStore,
  SweepStore,
} from './artifact-store.js';
import { BlobStore } from './blob-store.js';
import { ObjectCacheStore } from './cache-store.js';
import { FencedCheckpointStore } from './checkpoint-store.js';
import type { Objects } from './objects.js';
import { ObjectLineageStore } from './lineage-store.js';
import { ObjectModelStore } from './model-store.js';
import { ObjectRunStore } from './run-store.js';
import { ObjectScheduleStore } from './schedule-store.js';
import { ObjectSweepStore } from './sweep-store.js';
import { S3Objects, type S3ObjectsOptions } from './s3-objects.js';

export interface Stores {
  /** The artifacts of one project; references of any project can be read. */
  artifacts(project: string): ArtifactStore;
  readonly checkpoints: CheckpointStore;
  readonly runs: RunStore;
  readonly sweeps: SweepStore;
  readonly schedules: ScheduleStore;
  readonly models: ModelStore;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
}

export interface StoresOptions {
  /** Folder for streams too long for memory, while they are put. Default: the system's temporary folder. */
  readonly spoolDir?: string;
}

export function createStores(objects: Objects, options: StoresOptions = {}): Stores {
  const artifacts = (project: string): ArtifactStore => new BlobStore({ objects, project, ...options });
  return {
    artifacts,
    checkpoints: new FencedCheckpointStore({ objects, artifacts }),
    runs: new ObjectRunStore(objects),
    sweeps: new ObjectSweepStore(objects),
    schedules: new ObjectScheduleStore(objects),
    models: new ObjectModelStore(objects),
    cache: new ObjectCacheStore(objects, artifacts),
    lineage: new ObjectLineageStore(objects),
  };
}

/** All stores over one bucket of an S3 server. */
export function createS3Stores({ spoolDir, ...s3 }: S3ObjectsOptions & StoresOptions): Stores {
  return createStores(new S3Objects(s3), spoolDir === undefined ? {} : { spoolDir });
}
