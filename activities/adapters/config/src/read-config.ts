import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VitrineError, type FailureRule } from '@vitrine/contracts';
import type { z } from 'zod';
import { readVitrineYaml, type ConfigFile } from './config-file.js';
import { FIELDS } from './fields.js';
import { localHost, type Host } from './host.js';
import { defaultPools, type PoolsConfig } from './pools.js';
import { readCredentialsFile, readNativeFile, readStackFile, type StackFile } from './state-files.js';
import { variable, type Environment, type VariableName } from './variables.js';
import { findWorkspace } from './workspace.js';

/** Between two looks of Prometheus: a stage may be over in seconds. */
const SCRAPE_SECONDS = 5;
/** Of the API, unless another is named. */
export const DEFAULT_API_PORT = 7080;

export interface VitrineConfig {
  /** Root of the clone, where there is one. */
  readonly workspace: string | undefined;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly dataDir: string;
  /** Folder of the CIFAR-10 sample that ships with the project. */
  readonly sampleDir: string;
  readonly api: {
    readonly url: string;
    /** Neither environment nor file nor a running stack says where it is: whatever listens there may be another's. */
    readonly isGuess: boolean;
    readonly token: string | undefined;
    readonly host: string;
    readonly port: number;
  };
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    /** Environment or file name a server; otherwise the local stack runs one of its own. */
    readonly named: boolean;
  };
  readonly s3: {
    /** As for Temporal. */
    readonly named: boolean;
    /** Undefined means AWS's own. */
    readonly endpoint: string | undefined;
    readonly region: string;
    /** Undefined, both, means the AWS SDK's own chain: profiles, roles, single sign-on. */
    readonly accessKeyId: string | undefined;
    readonly secretAccessKey: string | undefined;
    readonly sessionToken: string | undefined;
    readonly bucket: string;
    readonly forcePathStyle: boolean;
  };
  /** Worked out when first asked for: without configured pools it asks the NVIDIA driver, which takes time. */
  readonly pools: PoolsConfig;
  readonly metricsPort: number;
  readonly monitoring: {
    readonly rulesDir: string;
    readonly dashboardsDir: string;
    readonly scrapeSeconds: number;
  };
  /** npm packages that bring stages, and where names are looked up from. */
  readonly packages: { readonly names: readonly string[]; readonly from: string };
  /** What failed ends of stages mean, before the rules that ship. */
  readonly failures: readonly FailureRule[];
}

/**
 * The configuration: environment first, then `vitrine.yaml`, then the addresses and keys of a running local stack, then
 * defaults.
 * @throws VitrineError InvalidConfig naming the variable, or the file and field, and the rule; never a secret's value
 */
export function readConfig(env: Environment, host: Host = localHost()): VitrineConfig {
  const workspace = findWorkspace(host.cwd) ?? findWorkspace(fileURLToPath(new URL('.', import.meta.url)));
  const base = workspace ?? host.cwd;
  const { file, folder } = readFile(env, host, base);
  const path = (name: VariableName, fromFile: string | undefined, fallback: string): string =>
    resolvePath(read(env, name, FIELDS.path), host.cwd) ?? resolvePath(fromFile, folder) ?? fallback;

  const stateDir = path('VITRINE_STATE_DIR', file.stateDir, join(base, '.vitrine'));
  const caches =
    resolvePath(read(env, 'XDG_CACHE_HOME', FIELDS.path), host.cwd) ?? join(host.homeDir, '.cache');
  const cacheDir = path('VITRINE_CACHE_DIR', file.cacheDir, join(caches, 'vitrine'));
  const stack = runningParts(readStackFile(stateDir, host), host);

  const api = readApi(env, file, stack);
  const s3 = readS3(env, file, stack);
  const temporalAddress = read(env, 'TEMPORAL_ADDRESS', FIELDS.hostAndPort) ?? file.temporal.address;
  const keys = readKeys(env, s3.endpoint);
  const local =
    keys.accessKeyId === undefined || api.token === undefined
      ? readCredentialsFile(stateDir, host)
      : undefined;
  let pools: PoolsConfig | undefined = file.pools;
  return {
    workspace,
    stateDir,
    cacheDir,
    dataDir: path('VITRINE_DATA_DIR', file.dataDir, join(cacheDir, 'data')),
    sampleDir: join(base, 'infra/samples/cifar10'),
    api: { ...api, token: api.token ?? (isLoopback(api.url) && !api.isGuess ? local?.apiToken : undefined) },
    temporal: {
      address: temporalAddress ?? stack.temporal?.address ?? '127.0.0.1:7233',
      namespace: read(env, 'TEMPORAL_NAMESPACE', FIELDS.name) ?? file.temporal.namespace ?? 'default',
      named: temporalAddress !== undefined,
    },
    s3: { ...s3, ...keys, ...(keys.accessKeyId === undefined && isLoopback(s3.endpoint) ? local?.s3 : {}) },
    packages: { names: file.packages ?? [], from: folder },
    failures: file.failures ?? [],
    monitoring: {
      rulesDir: resolvePath(file.monitoring.rulesDir, folder) ?? join(base, 'infra/monitoring/rules'),
      dashboardsDir: join(base, 'infra/monitoring/dashboards'),
      scrapeSeconds: file.monitoring.scrapeSeconds ?? SCRAPE_SECONDS,
    },
    metricsPort: read(env, 'VITRINE_METRICS_PORT', FIELDS.port) ?? file.metricsPort ?? 0,
    get pools(): PoolsConfig {
      pools ??= defaultPools({ env, host, native: readNativeFile(stateDir, host) });
      return pools;
    },
  };
}

function readFile(env: Environment, host: Host, base: string): { file: ConfigFile; folder: string } {
  const named = resolvePath(read(env, 'VITRINE_CONFIG', FIELDS.path), host.cwd);
  const path = named ?? join(base, 'vitrine.yaml');
  const file = readVitrineYaml(path, host);
  if (file === undefined && named !== undefined)
    throw new VitrineError('InvalidConfig', 'The configuration file is not there.', {
      where: `VITRINE_CONFIG, ${path}`,
      expected: 'a YAML file',
      actual: 'no such file',
    });
  return { file: file ?? { api: {}, temporal: {}, s3: {}, monitoring: {} }, folder: dirname(path) };
}

type RunningParts = Pick<StackFile, 'api' | 'temporal' | 's3'>;

/** Each part for itself: when the supervisor was killed, a server it started may still answer. */
function runningParts(stack: StackFile | undefined, host: Host): RunningParts {
  const alive = <T extends { pid: number; started: string }>(part: T | undefined): T | undefined =>
    part !== undefined && host.isRunning({ pid: part.pid, started: part.started }) ? part : undefined;
  return { api: alive(stack?.api), temporal: alive(stack?.temporal), s3: alive(stack?.s3) };
}

function readApi(env: Environment, file: ConfigFile, stack: RunningParts): VitrineConfig['api'] {
  const host = read(env, 'VITRINE_API_HOST', FIELDS.host) ?? file.api.host ?? '127.0.0.1';
  const port = read(env, 'VITRINE_API_PORT', FIELDS.port) ?? file.api.port ?? DEFAULT_API_PORT;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const shown = reachable.includes(':') ? `[${reachable}]` : reachable;
  const known = read(env, 'VITRINE_API_URL', FIELDS.httpUrl) ?? file.api.url ?? stack.api?.url;
  return {
    url: known ?? `http://${shown}:${port}`,
    isGuess: known === undefined,
    token: read(env, 'VITRINE_API_TOKEN', FIELDS.token),
    host,
    port,
  };
}

type S3Place = Pick<VitrineConfig['s3'], 'named' | 'endpoint' | 'region' | 'bucket' | 'forcePathStyle'>;

function readS3(env: Environment, file: ConfigFile, stack: RunningParts): S3Place {
  const named =
    read(env, 'AWS_ENDPOINT_URL_S3', FIELDS.httpUrl) ??
    read(env, 'AWS_ENDPOINT_URL', FIELDS.httpUrl) ??
    file.s3.endpoint;
  const endpoint = named ?? stack.s3?.endpoint;
  return {
    named: named !== undefined,
    endpoint,
    region: read(env, 'AWS_REGION', FIELDS.name) ?? file.s3.region ?? 'us-east-1',
    bucket:
      read(env, 'VITRINE_S3_BUCKET', FIELDS.bucket) ??
      file.s3.bucket ??
      (named === undefined ? stack.s3?.bucket : undefined) ??
      'vitrine',
    // A server that is not AWS's answers at one address; bucket names in host names need DNS.
    forcePathStyle: file.s3.forcePathStyle ?? endpoint !== undefined,
  };
}

type Keys = Pick<VitrineConfig['s3'], 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

function readKeys(env: Environment, endpoint: string | undefined): Keys {
  const accessKeyId = variable(env, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable(env, 'AWS_SECRET_ACCESS_KEY');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new VitrineError('InvalidConfig', 'One half of an S3 key is missing.', {
      where: accessKeyId === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY',
      expected: 'both variables, or neither',
      actual: `only ${accessKeyId === undefined ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'}, for ${endpoint ?? 'AWS'}`,
    });
  return { accessKeyId, secretAccessKey, sessionToken: accessKeyId && variable(env, 'AWS_SESSION_TOKEN') };
}

/** Values of these never appear in a message. */
const SECRET: ReadonlySet<VariableName> = new Set<VariableName>(['VITRINE_API_TOKEN']);

function read<T>(env: Environment, name: VariableName, rule: z.ZodType<T>): T | undefined {
  const value = variable(env, name);
  if (value === undefined) return undefined;
  const result = rule.safeParse(value);
  if (result.success) return result.data;
  throw new VitrineError('InvalidConfig', 'An environment variable has a wrong value.', {
    where: name,
    expected: result.error.issues.map((issue) => issue.message.replace(/^expected /, '')).join('; '),
    actual: SECRET.has(name)
      ? `${value.length} characters that are not`
      : JSON.stringify(value.slice(0, 200).replace(/\/\/[^/@]*@/, '//…@')),
  });
}

function resolvePath(path: string | undefined, from: string): string | undefined {
  if (path === undefined) return undefined;
  return isAbsolute(path) ? path : resolve(from, path);
}

/** Keys of the local stack are sent to this machine only. */
function isLoopback(url: string | undefined): boolean {
  if (url === undefined) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
