import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { Stores } from '@vitrine/artifact-store';
import type {
  CacheActivities,
  CacheParts,
  ControlActivities,
  StageJob,
  StageResult,
} from '@vitrine/contracts';
import { CONTROL_QUEUE, cacheQueue, poolQueue } from '@vitrine/contracts/names';
import { cacheKeyText, recipeOf } from '@vitrine/planning';

export type RunStage = (job: StageJob) => Promise<Pick<StageResult, 'outputs' | 'summary'>>;

interface Options {
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly stores: Stores;
  readonly pool: string;
  readonly code: string;
  readonly runStage: RunStage;
}

export interface ScriptedWorker {
  stop(): Promise<void>;
}

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

/** The real workflows, as the build bundles them. */
export async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../../../workflows/pipelines/src/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}

/** A worker with the real workflows and the real store; only what a stage does is the test's own. */
export async function startScriptedWorker(options: Options): Promise<ScriptedWorker> {
  const { temporal, stores, pool, code, runStage } = options;
  const connection = await NativeConnection.connect({ address: temporal.address });
  const common = { connection, namespace: temporal.namespace, maxHeartbeatThrottleInterval: '100ms' };
  const cache = scriptedCache(stores);
  const control: ControlActivities = {
    sealRun: async ({ end: { project, runId, status, endedAt }, stages }) => {
      const request = await stores.runs.getRequest(project, runId);
      if (!request) throw ApplicationFailure.nonRetryable(`run ${runId}: no request in the store`);
      const sealed = { format: 1 as const, request, status, stages, endedAt };
      const ref = await stores.runs.seal(sealed);
      await stores.lineage.record(sealed);
      return ref;
    },
    storeResult: cache.storeResult,
    storeStages: notScripted,
    planElements: notScripted,
    readElements: notScripted,
    storeElements: notScripted,
    collectElements: notScripted,
    keepResult: async ({ project }, from) => {
      const sealed = await stores.runs.getSealed(project, from.runId);
      const { outputs = {}, summary = {} } = sealed?.stages[from.stage] ?? {};
      const at = new Date().toISOString();
      const kept = { outputs, summary, startedAt: at, endedAt: at };
      return { result: { ...FIXED, ...kept, cache: { outcome: 'kept', from } } };
    },
  };
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: CONTROL_QUEUE,
      workflowBundle: { code },
      activities: { ...control },
    }),
    await Worker.create({
      ...common,
      taskQueue: poolQueue(pool),
      activities: {
        runStage: async (job: StageJob): Promise<StageResult> => {
          const startedAt = new Date().toISOString();
          const product = await runStage(job);
          return { ...FIXED, ...product, startedAt, endedAt: new Date().toISOString() };
        },
      },
    }),
    await Worker.create({
      ...common,
      taskQueue: cacheQueue(pool),
      activities: { lookUp: cache.lookUp, peek: cache.lookUp, lookAhead: notScripted },
    }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Fan-outs and runs of very many stages are tested where the real activities are. */
function notScripted(): Promise<never> {
  return Promise.reject(ApplicationFailure.nonRetryable('not scripted'));
}

const FIXED = {
  epoch: 1,
  resumedFromStep: 0,
  profile: { build: 'test', device: 'test', threads: 1, precision: 'float32', execution: 'eager' },
} as const;

/** Results in the real store, by the real keys; the outputs are taken on trust. */
function scriptedCache({
  cache,
}: Stores): Pick<CacheActivities, 'lookUp'> & Pick<ControlActivities, 'storeResult'> {
  const keyed = (job: StageJob): { key: string; parts: CacheParts } => {
    const parts = { ...recipeOf(job), profile: FIXED.profile };
    return { key: createHash('sha256').update(cacheKeyText(parts)).digest('hex'), parts };
  };
  return {
    lookUp: async (job) => {
      const { key } = keyed(job);
      const entry = await cache.get(job.project, key);
      if (!entry) return { key, reason: 'there is no result under its key' };
      const { outputs, summary, from } = entry;
      const at = new Date().toISOString();
      const found = { outputs, summary, startedAt: at, endedAt: at };
      return { key, result: { ...FIXED, ...found, cache: { outcome: 'hit', key, from } } };
    },
    storeResult: async ({ job, result }) => {
      const { outputs, summary, startedAt, endedAt } = result;
      const from = { runId: job.runId, stage: job.stage };
      const computed = { outputs, summary, startedAt, endedAt };
      await cache.put({ format: 1, ...keyed(job), from, ...computed });
      return { ...result, cache: { outcome: 'miss', ...result.cache, key: keyed(job).key } };
    },
  };
}
