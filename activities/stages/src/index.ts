import type { StageActivities } from '@vitrine/contracts';
import { runStage, type StageDeps } from './run-stage.js';

export {
  createCacheActivities,
  createCacheControl,
  type CacheControlDeps,
  type CacheDeps,
} from './cache/cache-activities.js';
export { createWatchActivities, type FlightWatchDeps, type SeenFlight } from './cache/flight-watch.js';
export { createElementControl, type ElementDeps } from './elements/element-activities.js';
export { ProfileBook, type ProfileBookOptions } from './cache/profile-book.js';
export { stageDatasets } from './datasets/stage-datasets.js';
export { createScheduleControl, type ScheduleDeps } from './schedule/schedule-activities.js';
export { createSweepControl, type SweepDeps } from './sweep/sweep-activities.js';
export { DevicePool, type DeviceLease } from './device-pool.js';
export { HeldLeases } from './held-leases.js';
export { toFailure } from './fail.js';
export {
  createMemoryGuard,
  type MemoryGuard,
  type MemoryWatch,
  type OomVerdict,
} from './job/memory-guard.js';
export { stageLogPath } from './job/stage-log.js';
export type { StageDeps } from './run-stage.js';
export type { StageMetrics } from './stage-metrics.js';

/** The activities of one pool. */
export function createStageActivities(deps: StageDeps): StageActivities {
  return { runStage: (job) => runStage(deps, job) };
}
