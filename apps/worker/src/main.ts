import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createS3Client, createS3Stores } from '@vitrine/artifact-store';
import {
  localHost,
  processEnvironment,
  readConfig,
  readNativeFile,
  statePaths,
  type VitrineConfig,
} from '@vitrine/config';
import { describeError, toVitrineError } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { createMetrics, createMetricsPage, s3Meter, serveMetrics, type MetricSink } from '@vitrine/metrics';
import { HeldLeases, stageDatasets } from '@vitrine/stages';
import packageJson from '../package.json' with { type: 'json' };
import { findBuiltParts } from './built-parts.js';
import { connectToTemporal, waitFor } from './connect.js';
import { EventRelay } from './event-relay.js';
import { EventSpool } from './event-spool.js';
import { dealGpus } from './gpus.js';
import { createLogger } from './logger.js';
import { postEvents } from './post-events.js';
import { PoolReports } from './pool-reports.js';
import { backlogOf } from './pool-workers.js';
import { installRuntime } from './telemetry.js';
import { watchMachine } from './watch-machine.js';
import { createWorkers, runWorkers } from './workers.js';

const LOOPBACK = '127.0.0.1';

const stop = new AbortController();

async function main(): Promise<void> {
  const environment = processEnvironment();
  const config = readConfig(environment);
  const built = findBuiltParts();
  const logger = createLogger((line) => process.stdout.write(line));
  const exporter = await installRuntime(logger);
  const identity = `${hostname()}:${process.pid}`;
  const gpus = dealGpus(config.pools, environment, () => localHost().countGpus());
  const warn = (message: string): void => logger.warn(message);
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.on(name, () => {
      // A second request means now: stage processes end with this one.
      if (stop.signal.aborted) process.exit(1);
      logger.info(`${name}: stopping; stages store a checkpoint first`);
      stop.abort(new Error(name));
    });

  const waiting = { warn, sleep: (milliseconds: number) => sleep(milliseconds), signal: stop.signal };
  const connection = await waitFor(() => connectToTemporal(config.temporal.address), waiting);
  const metrics = createMetrics();
  const { stores, probe } = storesOf(config, metrics);
  await waitFor(probe, waiting);
  const { logsDir, spoolDir } = statePaths(config.stateDir);
  const relay = new EventRelay({
    deliver: postEvents(config.api.url, config.api.token),
    spool: new EventSpool(spoolDir),
    warn,
  });
  const watch = watchMachine({
    metrics,
    folders: { state: config.stateDir, cache: config.cacheDir },
    pools: Object.keys(config.pools),
    gpus,
    backlog: (pool) => backlogOf({ connection, namespace: config.temporal.namespace }, pool),
  });
  metrics.set(
    { name: 'vitrine_build_info', labels: { component: 'worker', version: packageJson.version } },
    1,
  );
  metrics.set({ name: 'vitrine_worker_draining', labels: {} }, 0);
  stop.signal.addEventListener('abort', () =>
    metrics.set({ name: 'vitrine_worker_draining', labels: {} }, 1),
  );
  const leases = new Map(Object.keys(config.pools).map((pool) => [pool, new HeldLeases()]));
  const reports = new PoolReports({
    pools: [...leases].map(([pool, held]) => ({
      pool,
      devices: config.pools[pool]?.slots ?? 0,
      held,
    })),
    place: { connection, namespace: config.temporal.namespace },
    worker: identity,
  });
  stop.signal.addEventListener('abort', () => reports.leave());
  try {
    const workers = await createWorkers({
      connection,
      namespace: config.temporal.namespace,
      identity,
      built,
      runs: stores.runs,
      sweeps: stores.sweeps,
      schedules: stores.schedules,
      models: stores.models,
      datasets: stageDatasets(config),
      cache: stores.cache,
      lineage: stores.lineage,
      artifacts: (project) => stores.artifacts(project),
      pools: config.pools,
      failures: config.failures,
      gpus,
      environment,
      logsDir,
      profilesDir: join(config.stateDir, 'profiles'),
      library: readNativeFile(config.stateDir)?.libtensorflow,
      emit: (event) => relay.emit(event),
      metrics,
      leases,
    });
    reports.start();
    const running = runWorkers(workers, stop.signal);
    // Served from now on: who gets an answer here knows that there is a worker.
    const page = await serveMetrics({
      page: createMetricsPage({ metrics, exporters: [exporter] }),
      host: LOOPBACK,
      port: config.metricsPort,
    }).catch(async (error: unknown) => {
      stop.abort(error);
      await running;
      throw error;
    });
    logger.info('ready', {
      identity,
      pools: config.pools,
      metrics: page.url,
    });
    await running.finally(() => page.close());
  } finally {
    watch.stop();
    await reports.stop();
    await relay.close();
    await connection.close();
  }
}

/** The stores, and a question that shows whether they answer. */
function storesOf({ s3 }: VitrineConfig, metrics: MetricSink) {
  const { bucket, ...settings } = s3;
  const probed = createS3Stores({ client: createS3Client({ ...settings, attempts: 1 }), bucket });
  return {
    stores: createS3Stores({ client: createS3Client({ ...settings, onRequest: s3Meter(metrics) }), bucket }),
    probe: async () => {
      await probed.runs.getRequest(DEFAULT_PROJECT, 'readiness');
    },
  };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    // Somebody stopped it while it was still waiting for a service.
    if (
      stop.signal.aborted &&
      error === stop.signal.reason &&
      error instanceof Error &&
      /^SIG/.test(error.message)
    )
      process.exit(0);
    const failure = toVitrineError(error);
    process.stderr.write(`${describeError(failure.toView())}\n`);
    if (failure.code === 'Internal') process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exit(1);
  },
);
