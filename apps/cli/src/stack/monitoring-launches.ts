import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { statePaths, type Environment, type NativeFile } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { stringify } from 'yaml';
import { addressesOf, type LaunchFacts } from './launches.js';
import type { Launch } from './managed-process.js';

const LOOPBACK = '127.0.0.1';

/** @throws VitrineError InvalidConfig when set-up found no Prometheus */
export function requirePrometheus(
  native: NativeFile,
  stateDir: string,
): NonNullable<NativeFile['prometheus']> {
  if (native.prometheus) return native.prometheus;
  throw new VitrineError('InvalidConfig', 'There is no Prometheus to start.', {
    where: statePaths(stateDir).native,
    expected: 'a Prometheus that the set-up has found or fetched',
    actual: 'none',
    hint: 'Try once more with `npm start -- --setup-only`, or name one with VITRINE_PROMETHEUS_BIN there.',
  });
}

/** Provisioned anew at each start: it scrapes API, worker and Temporal, and evaluates the rules that ship. */
export function prometheusLaunch(facts: LaunchFacts): Launch {
  const { config, native, ports, env } = facts;
  const { path } = requirePrometheus(native, config.stateDir);
  const folder = statePaths(config.stateDir).monitoringDir;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = join(folder, 'api-token');
  writeFileSync(token, config.api.token ?? facts.credentials.apiToken, { mode: 0o600 });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(prometheusConfig(facts, token)));
  const { url } = addressesOf(facts).prometheus;
  return {
    name: 'prometheus',
    port: ports.prometheus,
    command: path,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${LOOPBACK}:${ports.prometheus}`,
      '--log.level=warn',
    ],
    env,
    startSeconds: 60,
    answers: async () => (await fetch(`${url}/-/ready`)).ok,
  };
}

/** The names of the jobs are those that rules and dashboards go by. */
function prometheusConfig(facts: LaunchFacts, token: string): object {
  const { config, ports } = facts;
  const { api, worker } = addressesOf(facts);
  const job = (name: string, target: string): object => ({
    job_name: name,
    static_configs: [{ targets: [target] }],
  });
  const { scrapeSeconds, rulesDir } = config.monitoring;
  return {
    global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
    rule_files: [join(rulesDir, '*.rules.yml')],
    scrape_configs: [
      {
        ...job('vitrine-api', new URL(api.url).host),
        authorization: { credentials_file: token },
      },
      job('vitrine-worker', new URL(worker.metricsUrl).host),
      // A server of somebody else's is scraped by them.
      ...(config.temporal.named ? [] : [job('temporal', `${LOOPBACK}:${ports.temporalMetrics}`)]),
    ],
  };
}

/** Of the version that the dashboards are written for. */
const IMAGE = 'grafana/grafana:11.6.0';

/** Grafana with data source and dashboards in place; or why there is none. */
export async function grafanaLaunch(facts: LaunchFacts): Promise<Launch | string> {
  const { config, ports, env } = facts;
  const folder = join(statePaths(config.stateDir).monitoringDir, 'grafana');
  provision(facts, folder);
  const settings = {
    GF_PATHS_DATA: join(folder, 'data'),
    GF_PATHS_PROVISIONING: join(folder, 'provisioning'),
    GF_SERVER_HTTP_ADDR: LOOPBACK,
    GF_SERVER_HTTP_PORT: String(ports.grafana),
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  };
  const { url } = addressesOf(facts).grafana;
  const common = {
    name: 'grafana',
    port: ports.grafana,
    answers: async () => (await fetch(`${url}/api/health`)).ok,
  } as const;
  const program = onPath('grafana', env);
  if (program !== undefined) {
    const home = ['/usr/share/grafana', dirname(dirname(program))].find((path) =>
      existsSync(join(path, 'public')),
    );
    return {
      ...common,
      command: program,
      args: ['server', ...(home === undefined ? [] : ['--homepath', home])],
      env: { ...env, ...settings },
      startSeconds: 120,
    };
  }
  if (!(await dockerAnswers(env)))
    return `no grafana on PATH, and no Docker; dashboards: ${config.monitoring.dashboardsDir}`;
  const mounts = [folder, config.monitoring.dashboardsDir].flatMap((path) => ['-v', `${path}:${path}`]);
  const variables = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return {
    ...common,
    command: 'docker',
    // In the foreground: the container ends with this process, which is asked to by its pid as every part is.
    args: ['run', '--rm', '--init', '--network', 'host', '--user', user, ...mounts, ...variables, IMAGE],
    env,
    // The image may have to be fetched first.
    startSeconds: 600,
  };
}

function provision(facts: LaunchFacts, folder: string): void {
  const { prometheus } = addressesOf(facts);
  const write = (name: string, content: object): void => {
    mkdirSync(join(folder, 'provisioning', name), { recursive: true });
    writeFileSync(join(folder, 'provisioning', name, 'vitrine.yaml'), stringify(content));
  };
  mkdirSync(join(folder, 'data'), { recursive: true });
  const source = {
    name: 'Prometheus',
    type: 'prometheus',
    access: 'proxy',
    url: prometheus.url,
    isDefault: true,
  };
  write('datasources', { apiVersion: 1, datasources: [source] });
  const path = facts.config.monitoring.dashboardsDir;
  const provider = { name: 'Vitrine', type: 'file', allowUiUpdates: false, options: { path } };
  write('dashboards', { apiVersion: 1, providers: [provider] });
}

function onPath(name: string, env: Environment): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function dockerAnswers(env: Environment): Promise<boolean> {
  return promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    timeout: 10_000,
  }).then(
    () => true,
    () => false,
  );
}
