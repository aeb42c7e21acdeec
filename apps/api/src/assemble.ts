import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createS3Client, createS3Stores } from '@vitrine/artifact-store';
import {
  builtCodePath,
  readBuiltCode,
  readStackFile,
  statePaths,
  type BuiltCode,
  type VitrineConfig,
} from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { createMetrics, s3Meter, type MetricSink } from '@vitrine/metrics';
import { Authentication } from './common/authentication.js';
import { EventStore } from './events/event-store.js';
import type { ApiParts, PageLink } from './parts.js';
import { RunHistory } from './plans/run-history.js';
import { RunReader } from './runs/run-reader.js';
import { Submissions } from './runs/submissions.js';
import { TemporalGateway } from './temporal/temporal.gateway.js';

/** Where the build puts it, seen from this package's sources and from its bundle alike. */
const DASHBOARD = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** People wait for these requests, so they are given up sooner than a worker's. */
const ATTEMPTS = { request: 3, probe: 1 } as const;

/**
 * The API's parts over real servers. Nothing connects yet.
 * @throws VitrineError InvalidConfig when there is no token: the API never runs without one
 */
export function assemble(config: VitrineConfig, version: string): ApiParts {
  const { token } = config.api;
  if (token === undefined)
    throw new VitrineError('InvalidConfig', 'The API has no token.', {
      where: `VITRINE_API_TOKEN, ${statePaths(config.stateDir).credentials}`,
      expected: 'a token of at least 8 characters',
      actual: 'none',
      hint: 'Start the local stack with `vitrine up`, which makes one, or set VITRINE_API_TOKEN.',
    });
  const metrics = createMetrics();
  metrics.set({ name: 'vitrine_build_info', labels: { component: 'api', version } }, 1);
  const stores = storesOf(config, ATTEMPTS.request, metrics);
  const probed = storesOf(config, ATTEMPTS.probe, metrics);
  const temporal = new TemporalGateway(config.temporal);
  const events = new EventStore(statePaths(config.stateDir).eventsDir);
  // Whoever reaches it sits at its machine, where the workers run too.
  const sharesMachine = /^(localhost|::1|127(\.\d+){3})$/.test(config.api.host);
  return {
    version,
    authentication: new Authentication(token, () => new Date()),
    runs: stores.runs,
    sweeps: stores.sweeps,
    schedules: stores.schedules,
    models: stores.models,
    cache: stores.cache,
    lineage: stores.lineage,
    artifacts: stores.artifacts,
    probeStorage: async () => {
      await probed.runs.getRequest(DEFAULT_PROJECT, 'readiness');
    },
    temporal,
    events,
    reader: new RunReader({ runs: stores.runs, temporal, events }),
    history: new RunHistory(stores.runs),
    submissions: new Submissions(join(config.stateDir, 'submissions')),
    builtCode: () => builtCode(builtCodePath(config.workspace ?? config.stateDir)),
    readsFolders: sharesMachine,
    pools: () => (sharesMachine ? config.pools : {}),
    packages: config.packages,
    metrics,
    links: () => linksOf(config),
    dashboard: DASHBOARD,
    now: () => new Date(),
    random: () => randomBytes(2).readUInt16LE(),
  };
}

/** @throws VitrineError InvalidConfig naming the file */
function builtCode(path: string): BuiltCode {
  const built = readBuiltCode(path);
  if (built) return built;
  throw new VitrineError('InvalidConfig', 'The version of the stage code cannot be read.', {
    where: path,
    expected: 'the file that the build of the stages writes',
    actual: 'none, or another document',
    hint: 'Build the project with `npm run build` and submit again.',
  });
}

function storesOf({ s3 }: VitrineConfig, attempts: number, metrics: MetricSink) {
  const { bucket, ...settings } = s3;
  const client = createS3Client({ ...settings, attempts, onRequest: s3Meter(metrics) });
  return createS3Stores({ client, bucket });
}

function linksOf({ stateDir }: VitrineConfig): PageLink[] {
  const stack = readStackFile(stateDir);
  const metrics = stack?.workers.flatMap(({ metricsUrl }) => metricsUrl ?? []) ?? [];
  return [
    ...(stack?.temporal?.uiUrl ? [{ title: "Temporal's own page", url: stack.temporal.uiUrl }] : []),
    ...(stack?.grafana ? [{ title: 'Dashboards', url: stack.grafana.url }] : []),
    ...(stack?.prometheus ? [{ title: 'Prometheus', url: stack.prometheus.url }] : []),
    ...metrics.map((url) => ({ title: 'Metrics of a worker', url })),
  ];
}
