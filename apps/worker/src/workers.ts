import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type {
  ArtifactStore,
  CacheStore,
  LineageStore,
  ModelStore,
  RunStore,
  ScheduleStore,
  SweepStore,
} from '@vitrine/artifact-store';
import { join } from 'node:path';
import type { Environment, NativeFile, PoolConfig, PoolsConfig } from '@vitrine/config';
import type { FailureRule, RunEvent } from '@vitrine/contracts';
import { cacheQueue, CONTROL_QUEUE, poolQueue, WATCH_QUEUE, workerQueue } from '@vitrine/contracts/names';
import type { Datasets } from '@vitrine/datasets';
import type { Metrics } from '@vitrine/metrics';
import {
  createCacheActivities,
  createMemoryGuard,
  createStageActivities,
  createWatchActivities,
  DevicePool,
  HeldLeases,
  ProfileBook,
} from '@vitrine/stages';
import type { BuiltParts } from './built-parts.js';
import { createControlActivities } from './control-activities.js';
import { workersOf } from './pool-workers.js';
import { seeFlight } from './see-flight.js';
import { stageMetrics } from './stage-metrics.js';

export interface WorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly built: BuiltParts;
  readonly runs: RunStore;
  readonly sweeps: SweepStore;
  readonly schedules: ScheduleStore;
  readonly models: ModelStore;
  readonly datasets: Datasets;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly pools: PoolsConfig;
  /** Those of the configuration. */
  readonly failures: readonly FailureRule[];
  /** What CUDA calls the GPUs of each pool. */
  readonly gpus: ReadonlyMap<string, readonly string[]>;
  readonly environment: Environment;
  readonly logsDir: string;
  /** Where it is remembered what results of each pool depend on. */
  readonly profilesDir: string;
  /** The native library that set-up recorded. */
  readonly library: NativeFile['libtensorflow'] | undefined;
  readonly emit: (event: RunEvent) => void;
  readonly metrics: Metrics;
  /** Under which it runs stages, by pool. */
  readonly leases: ReadonlyMap<string, HeldLeases>;
}

/** For the last checkpoint of a stage that is to stop. */
const GRACE_MILLISECONDS = 30_000;
/** After this the worker ends with stages still running; they end with it. */
const FORCE_MILLISECONDS = GRACE_MILLISECONDS + 15_000;
/** How late a request to cancel may be heard, and how old what the server knows of a stage may be. One small request each. */
const HEARTBEAT_MILLISECONDS = 2_000;

/** Results that a pool's worker reads and hashes at a time; the bytes pass through. */
const LOOKS = 8;

/** Stages that wait for what others compute; each costs a timer. */
const WATCHES = 10_000;
const WATCH_HEARTBEAT_MILLISECONDS = 10_000;

/** One worker for workflows and short activities, one that watches what is waited for, one for the stages of each pool, and one for what is asked about them. */
export async function createWorkers(options: WorkersOptions): Promise<Worker[]> {
  const { connection, namespace, identity, built, pools } = options;
  const common = {
    connection,
    namespace,
    identity,
    // Stages are told to stop at once: what they need is the time after it.
    shutdownGraceTime: 0,
    shutdownForceTime: FORCE_MILLISECONDS,
    maxHeartbeatThrottleInterval: HEARTBEAT_MILLISECONDS,
  } satisfies Partial<WorkerOptions>;
  const control = Worker.create({
    ...common,
    taskQueue: CONTROL_QUEUE,
    workflowBundle: { codePath: built.workflowBundle },
    activities: {
      ...createControlActivities({ ...options, builtCode: built.plannedBy, clock: () => new Date() }),
    },
  });
  const watching = Worker.create({
    ...common,
    taskQueue: WATCH_QUEUE,
    activities: {
      ...createWatchActivities({
        seeFlight: (workflowId) => seeFlight(options, workflowId),
        emit: options.emit,
        clock: () => new Date(),
      }),
    },
    maxConcurrentActivityTaskExecutions: WATCHES,
    // They have nothing to say, and are thousands.
    maxHeartbeatThrottleInterval: WATCH_HEARTBEAT_MILLISECONDS,
  });
  const forPools = Object.entries(pools).flatMap(([pool, settings]) => {
    const activities = { ...stageActivities(options, pool, settings) };
    // Who comes first on the pool's queue, and who was given this worker's devices on its own.
    return [poolQueue(pool), workerQueue(pool, identity)].map((taskQueue) =>
      Worker.create({
        ...common,
        taskQueue,
        activities,
        maxConcurrentActivityTaskExecutions: settings.slots,
      }),
    );
  });
  // Beside the pools: who asks for a result must not wait for a device.
  const forCaches = Object.entries(pools).map(([pool, settings]) =>
    Worker.create({
      ...common,
      taskQueue: cacheQueue(pool),
      activities: { ...cacheActivities(options, pool, settings) },
      maxConcurrentActivityTaskExecutions: LOOKS,
    }),
  );
  return Promise.all([control, watching, ...forPools, ...forCaches]);
}

function cacheActivities(
  options: WorkersOptions,
  pool: string,
  settings: PoolConfig,
): ReturnType<typeof createCacheActivities> {
  const { slots: _slots, device: _device, ...numerics } = settings;
  const { cache, runs, emit, built, environment, library, profilesDir } = options;
  const book = new ProfileBook({
    entry: built.profileEntry,
    numerics,
    gpus: options.gpus.get(pool) ?? [],
    environment,
    library,
    file: join(profilesDir, `${pool}.json`),
  });
  return createCacheActivities({
    cache,
    runs,
    emit,
    clock: () => new Date(),
    profileOf: (job) => book.profileFor(job),
    metrics: options.metrics,
  });
}

function stageActivities(
  options: WorkersOptions,
  pool: string,
  settings: PoolConfig,
): ReturnType<typeof createStageActivities> {
  const { slots, device: _, ...numerics } = settings;
  const { built, gpus, environment, identity, logsDir, emit, metrics } = options;
  metrics.set({ name: 'vitrine_pool_slots', labels: { pool } }, slots);
  metrics.set({ name: 'vitrine_pool_slots_busy', labels: { pool } }, 0);
  return createStageActivities({
    entry: built.stageEntry,
    codeVersion: built.codeVersion,
    numerics,
    failures: options.failures,
    workersOf: (served) => workersOf(options, served),
    devices: new DevicePool(slots),
    leases: options.leases.get(pool) ?? new HeldLeases(),
    gpus: gpus.get(pool) ?? [],
    environment,
    worker: identity,
    logsDir,
    emit,
    metrics: stageMetrics(metrics, pool, () => performance.now()),
    memory: createMemoryGuard(),
    artifacts: options.artifacts,
    clock: () => new Date(),
    graceMilliseconds: GRACE_MILLISECONDS,
  });
}

/**
 * Runs the workers until they are shut down, all of them together: one that fails takes the others along, because a
 * worker that polls only half of its queues looks healthy and is not.
 */
export async function runWorkers(workers: readonly Worker[], signal: AbortSignal): Promise<void> {
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      shutdown();
      throw error;
    }),
  );
  signal.addEventListener('abort', shutdown);
  if (signal.aborted) shutdown();
  const ends = await Promise.allSettled(running);
  signal.removeEventListener('abort', shutdown);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
