import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  statePaths,
  type CredentialsFile,
  type Environment,
  type NativeFile,
  type VitrineConfig,
} from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { SEARCH_ATTRIBUTE } from '@vitrine/contracts/names';
import type { Launch } from './managed-process.js';
import type { PortName } from './ports.js';

const LOOPBACK = '127.0.0.1';

export interface LaunchFacts {
  readonly config: VitrineConfig;
  readonly native: NativeFile;
  readonly credentials: CredentialsFile;
  /** The environment that everything inherits. */
  readonly env: Environment;
  readonly ports: Readonly<Record<PortName, number>>;
  /** Folder for object attributes, where the file system cannot hold them. */
  readonly sidecar?: string;
}

/** Where the parts answer. */
export interface Addresses {
  readonly s3: { readonly endpoint: string; readonly bucket: string };
  readonly temporal: { readonly address: string; readonly uiUrl?: string };
  readonly api: { readonly url: string };
  readonly worker: { readonly metricsUrl: string };
  /** Where they are started. */
  readonly prometheus: { readonly url: string };
  readonly grafana: { readonly url: string };
}

export function addressesOf({ config, ports }: Pick<LaunchFacts, 'config' | 'ports'>): Addresses {
  const own = (port: number): string => `${LOOPBACK}:${port}`;
  return {
    s3: {
      endpoint: config.s3.named && config.s3.endpoint ? config.s3.endpoint : `http://${own(ports.s3)}`,
      bucket: config.s3.bucket,
    },
    temporal: config.temporal.named
      ? { address: config.temporal.address }
      : { address: own(ports.temporal), uiUrl: `http://${own(ports.temporalUi)}` },
    api: { url: `http://${reachable(config.api.host)}:${ports.api}` },
    worker: { metricsUrl: `http://${own(ports.worker)}/metrics` },
    prometheus: { url: `http://${own(ports.prometheus)}` },
    grafana: { url: `http://${own(ports.grafana)}` },
  };
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

export function s3Launch({ config, native, credentials, env, ports, sidecar }: LaunchFacts): Launch {
  const folder = statePaths(config.stateDir).s3Dir;
  for (const needed of [folder, ...(sidecar ? [sidecar] : [])])
    mkdirSync(needed, { recursive: true, mode: 0o700 });
  const place = ['--port', `${LOOPBACK}:${ports.s3}`, '--region', config.s3.region];
  return {
    name: 's3',
    port: ports.s3,
    command: native.s3.path,
    args: [...place, '--quiet', '--keep-alive', 'posix', ...(sidecar ? ['--sidecar', sidecar] : []), folder],
    env: {
      ...env,
      ROOT_ACCESS_KEY: credentials.s3.accessKeyId,
      ROOT_SECRET_KEY: credentials.s3.secretAccessKey,
    },
    startSeconds: 60,
    // A request without a signature is refused, which only a gateway that serves does.
    answers: async () => (await fetch(`http://${LOOPBACK}:${ports.s3}/`)).status === 403,
  };
}

/** Off by default in this server: priorities and fairness between runs, one partition for strict order, worker inventory. */
const DYNAMIC_CONFIG: Readonly<Record<string, string>> = {
  'matching.useNewMatcher': 'true',
  'matching.enableFairness': 'true',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'frontend.ListWorkersEnabled': 'true',
  'frontend.WorkerHeartbeatsEnabled': 'true',
};

export function temporalLaunch({ config, native, env, ports }: LaunchFacts): Launch {
  const { namespace } = config.temporal;
  const address = `${LOOPBACK}:${ports.temporal}`;
  const pairs = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  return {
    name: 'temporal',
    port: ports.temporal,
    command: native.temporal.path,
    args: [
      ...['server', 'start-dev', '--ip', LOOPBACK, '--port', `${ports.temporal}`],
      ...['--ui-ip', LOOPBACK, '--ui-port', `${ports.temporalUi}`],
      ...['--metrics-port', `${ports.temporalMetrics}`],
      ...['--db-filename', statePaths(config.stateDir).temporalDb],
      // Six times the workflows a second of the default; a killed process loses nothing.
      ...pairs('--sqlite-pragma', ['journal_mode=WAL', 'synchronous=NORMAL']),
      ...pairs(
        '--search-attribute',
        Object.values(SEARCH_ATTRIBUTE).map((name) => `${name}=Keyword`),
      ),
      ...pairs(
        '--dynamic-config-value',
        Object.entries(DYNAMIC_CONFIG).map(([key, value]) => `${key}=${value}`),
      ),
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
      ...['--log-level', 'warn'],
    ],
    env,
    startSeconds: 90,
    // The port is open before the namespace is there, so the namespace is asked for.
    answers: async () => {
      const question = ['operator', 'namespace', 'describe', '--namespace', namespace, '--address', address];
      await promisify(execFile)(native.temporal.path, question, { env, timeout: 10_000 });
      return true;
    },
  };
}

export function apiLaunch(facts: LaunchFacts): Launch {
  const { url } = addressesOf(facts).api;
  return {
    name: 'api',
    port: facts.ports.api,
    command: process.execPath,
    args: ['--enable-source-maps', builtEntry(facts, 'apps/api/dist/main.mjs')],
    env: partEnvironment(facts),
    startSeconds: 90,
    answers: async () => (await fetch(`${url}/health`)).ok,
  };
}

export function workerLaunch(facts: LaunchFacts): Launch {
  const { metricsUrl } = addressesOf(facts).worker;
  return {
    name: 'worker',
    port: facts.ports.worker,
    command: process.execPath,
    args: ['--enable-source-maps', builtEntry(facts, 'apps/worker/dist/main.mjs')],
    env: partEnvironment(facts),
    startSeconds: 180,
    answers: async () => (await fetch(metricsUrl)).ok,
  };
}

/** What API and worker are told: every address in words, so that neither depends on when a file is written. */
function partEnvironment(facts: LaunchFacts): Environment {
  const { config, credentials, env, ports } = facts;
  const { s3, temporal, api } = addressesOf(facts);
  return {
    ...env,
    VITRINE_STATE_DIR: config.stateDir,
    VITRINE_API_URL: api.url,
    VITRINE_API_TOKEN: config.api.token ?? credentials.apiToken,
    VITRINE_API_HOST: config.api.host,
    VITRINE_API_PORT: String(ports.api),
    VITRINE_METRICS_PORT: String(ports.worker),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: config.temporal.namespace,
    ...(config.s3.named
      ? {}
      : {
          AWS_ENDPOINT_URL_S3: s3.endpoint,
          AWS_REGION: config.s3.region,
          AWS_ACCESS_KEY_ID: credentials.s3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.s3.secretAccessKey,
          AWS_SESSION_TOKEN: '',
          VITRINE_S3_BUCKET: s3.bucket,
        }),
  };
}

function builtEntry({ config }: LaunchFacts, path: string): string {
  const entry = join(config.workspace ?? '.', path);
  if (existsSync(entry)) return entry;
  throw new VitrineError('InvalidConfig', 'A part of the stack is not built.', {
    where: entry,
    expected: 'the bundle of the application',
    actual: 'no such file',
    hint: 'Build the project with `npm run build`, or set everything up with `npm start -- --setup-only`.',
  });
}
