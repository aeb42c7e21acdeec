export type {
  ArtifactStore,
  CheckpointLease,
  CheckpointStore,
  RunStore,
  StageScope,
} from './artifact-store.js';
