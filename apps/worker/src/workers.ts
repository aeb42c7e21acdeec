import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { RunStore } from '@vitrine/artifact-store';
import type { Environment, PoolConfig, PoolsConfig } from '@vitrine/config';
import type { RunEvent } from '@vitrine/contracts';
import { CONTROL_QUEUE, poolQueue } from '@vitrine/contracts/names';
import type { Metrics } from '@vitrine/metrics';
import { createMemoryGuard, createStageActivities, DevicePool } from '@vitrine/stages';
import type { BuiltParts } from './built-parts.js';
import { createControlActivities } from './control-activities.js';
import { stageMetrics } from './stage-metrics.js';

export interface WorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly built: BuiltParts;
  readonly runs: RunStore;
  readonly pools: PoolsConfig;
  /** What CUDA calls the GPUs of each pool. */
  readonly gpus: ReadonlyMap<string, readonly string[]>;
  readonly environment: Environment;
  readonly logsDir: string;
  readonly emit: (event: RunEvent) => void;
  readonly metrics: Metrics;
}

/** For the last checkpoint of a stage that is to stop. */
const GRACE_MILLISECONDS = 30_000;
/** After this the worker ends with stages still running; they end with it. */
const FORCE_MILLISECONDS = GRACE_MILLISECONDS + 15_000;
/** How late a request to cancel may be heard, and how old what the server knows of a stage may be. One small request each. */
const HEARTBEAT_MILLISECONDS = 2_000;

/** One worker for workflows and short activities, and one for the stages of each pool. */
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
    activities: { ...createControlActivities(options.runs) },
  });
  const forPools = Object.entries(pools).map(([pool, settings]) =>
    Worker.create({
      ...common,
      taskQueue: poolQueue(pool),
      activities: { ...stageActivities(options, pool, settings) },
      maxConcurrentActivityTaskExecutions: settings.slots,
    }),
  );
  return Promise.all([control, ...forPools]);
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
    devices: new DevicePool(slots),
    gpus: gpus.get(pool) ?? [],
    environment,
    worker: identity,
    logsDir,
    emit,
    metrics: stageMetrics(metrics, pool),
    memory: createMemoryGuard(),
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
