import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VitrineError } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localHost, type Host } from './host.js';
import { processIdentity } from './process-identity.js';
import { readConfig, type VitrineConfig } from './read-config.js';

let root: string;
let state: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-config-'));
  writeFileSync(join(root, 'nx.json'), '{}');
  state = join(root, '.vitrine');
  mkdirSync(state);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const machine = (changes: Partial<Host> = {}): Host => ({
  ...localHost(),
  cwd: join(root, 'deep/inside'),
  homeDir: '/home/someone',
  cores: 5,
  countGpus: () => 0,
  ...changes,
});

function configOf(env: Record<string, string> = {}, changes: Partial<Host> = {}): VitrineConfig {
  return readConfig(env, machine(changes));
}

function refusal(action: () => unknown): VitrineError {
  try {
    action();
  } catch (error) {
    if (error instanceof VitrineError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function self(): { pid: number; started: string } {
  const identity = processIdentity(process.pid);
  if (!identity) throw new Error('this process has no identity');
  return identity;
}

function writeStack(changes: Record<string, unknown> = {}): void {
  const stack = {
    format: 1,
    supervisor: self(),
    api: { ...self(), url: 'http://127.0.0.1:41001' },
    temporal: { ...self(), address: '127.0.0.1:41002' },
    s3: { ...self(), endpoint: 'http://127.0.0.1:41003', bucket: 'local-bucket' },
    workers: [],
    ...changes,
  };
  writeFileSync(join(state, 'stack.json'), JSON.stringify(stack));
}

function writeCredentials(): void {
  const credentials = {
    format: 1,
    s3: { accessKeyId: 'local-key', secretAccessKey: 'local-secret' },
    apiToken: 'local-token',
  };
  writeFileSync(join(state, 'credentials.json'), JSON.stringify(credentials));
}

/** Of a pool when nothing is said of it. */
const numerics = { precision: 'float32', execution: 'captured' } as const;

describe('the configuration', () => {
  it('needs nothing: every setting has a default', () => {
    expect(configOf()).toEqual({
      workspace: root,
      stateDir: state,
      cacheDir: '/home/someone/.cache/vitrine',
      dataDir: '/home/someone/.cache/vitrine/data',
      sampleDir: join(root, 'infra/samples/cifar10'),
      api: {
        url: 'http://127.0.0.1:7080',
        isGuess: true,
        token: undefined,
        host: '127.0.0.1',
        port: 7080,
      },
      temporal: { address: '127.0.0.1:7233', namespace: 'default', named: false },
      s3: {
        named: false,
        endpoint: undefined,
        region: 'us-east-1',
        accessKeyId: undefined,
        secretAccessKey: undefined,
        sessionToken: undefined,
        bucket: 'vitrine',
        forcePathStyle: false,
      },
      pools: { default: { slots: 2, threads: 2, ...numerics, device: 'cpu' } },
      packages: { names: [], from: root },
      metricsPort: 0,
      monitoring: {
        dashboardsDir: join(root, 'infra/monitoring/dashboards'),
        rulesDir: join(root, 'infra/monitoring/rules'),
        scrapeSeconds: 5,
      },
      failures: [],
    });
  });

  it('takes the environment before the file, the file before the running stack, the stack before defaults', () => {
    writeStack();
    writeCredentials();
    writeFileSync(
      join(root, 'vitrine.yaml'),
      'temporal: { address: "temporal.example:7233" }\ns3: { bucket: from-file, region: eu-1 }\nmetricsPort: 9100\n',
    );
    const config = configOf({ VITRINE_S3_BUCKET: 'from-env', VITRINE_API_PORT: '0' });
    expect(config.s3).toEqual({
      named: false,
      endpoint: 'http://127.0.0.1:41003',
      region: 'eu-1',
      accessKeyId: 'local-key',
      secretAccessKey: 'local-secret',
      sessionToken: undefined,
      bucket: 'from-env',
      forcePathStyle: true,
    });
    expect(config.temporal).toEqual({
      address: 'temporal.example:7233',
      namespace: 'default',
      named: true,
    });
    expect(config.metricsPort).toBe(9100);
    expect(config.api).toEqual({
      url: 'http://127.0.0.1:41001',
      isGuess: false,
      token: 'local-token',
      host: '127.0.0.1',
      port: 0,
    });
  });

  it('takes failure rules from the file, and refuses one that is none by its place', () => {
    const write = (pattern: string) =>
      writeFileSync(
        join(root, 'vitrine.yaml'),
        `failures: [{ logPattern: '${pattern}', then: retry-elsewhere, because: the card is loose }]`,
      );
    write('^Xid 79');
    expect(configOf().failures).toEqual([
      { logPattern: '^Xid 79', then: 'retry-elsewhere', because: 'the card is loose' },
    ]);
    write('(');
    expect(() => configOf()).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ actual: expect.stringMatching(/^failures/) }),
      }),
    );
  });

  it('does not believe a stack file whose process is gone or whose number was taken over', () => {
    writeStack({ api: { ...self(), started: 'another boot:1', url: 'http://127.0.0.1:41001' } });
    const config = configOf();
    expect(config.api.url).toBe('http://127.0.0.1:7080');
    expect(config.s3.endpoint).toBe('http://127.0.0.1:41003');
  });

  it('gives the token of a stack that does not run to nobody: another one may listen where it would', () => {
    writeCredentials();
    expect(configOf().api).toMatchObject({ isGuess: true, token: undefined });
    expect(configOf({ VITRINE_API_TOKEN: 'a-token-of-mine' }).api.token).toBe('a-token-of-mine');
  });

  it('keeps the keys of the local stack on this machine', () => {
    writeCredentials();
    const config = configOf({
      AWS_ENDPOINT_URL: 'https://s3.example',
      VITRINE_API_URL: 'https://api.example/',
    });
    expect(config.s3.accessKeyId).toBeUndefined();
    expect(config.api).toMatchObject({ url: 'https://api.example', token: undefined });
  });

  it('prefers the S3 address over the general AWS one', () => {
    const config = configOf({
      AWS_ENDPOINT_URL: 'http://a.example',
      AWS_ENDPOINT_URL_S3: 'http://b.example',
    });
    expect(config.s3.endpoint).toBe('http://b.example');
  });

  it('reads relative paths from where they were written', () => {
    mkdirSync(join(root, 'conf'));
    writeFileSync(join(root, 'conf/mine.yaml'), 'dataDir: ../data\n');
    const config = configOf({ VITRINE_CONFIG: '../../conf/mine.yaml', VITRINE_STATE_DIR: 'here' });
    expect(config.dataDir).toBe(join(root, 'data'));
    expect(config.stateDir).toBe(join(root, 'deep/inside/here'));
  });
});

describe('a wrong setting', () => {
  it.each([
    ['VITRINE_API_PORT', '70000', 'a port from 0 to 65535'],
    ['VITRINE_API_PORT', '80 80', 'a port from 0 to 65535'],
    ['VITRINE_METRICS_PORT', '-1', 'a port from 0 to 65535'],
    ['TEMPORAL_ADDRESS', 'http://127.0.0.1:7233', 'host:port, such as 127.0.0.1:7233'],
    ['AWS_ENDPOINT_URL_S3', '127.0.0.1:7070', 'an http or https address, such as http://127.0.0.1:7080'],
    ['VITRINE_S3_BUCKET', 'My_Bucket', '3 to 63 lower-case letters, digits, dots and dashes'],
  ])('%s=%s is refused by name and rule', (name, value, rule) => {
    const error = refusal(() => configOf({ [name]: value }));
    expect(error.code).toBe('InvalidConfig');
    expect(error.details).toMatchObject({ where: name, expected: rule, actual: JSON.stringify(value) });
  });

  it('is refused without its value when it is a secret', () => {
    const error = refusal(() => configOf({ VITRINE_API_TOKEN: 'pa ss wo rd' }));
    expect(error.details.where).toBe('VITRINE_API_TOKEN');
    expect(JSON.stringify(error.toView())).not.toContain('pa ss');
  });

  it('is refused when half of an S3 key is missing', () => {
    const error = refusal(() => configOf({ AWS_ACCESS_KEY_ID: 'hidden-id' }));
    expect(error.details.where).toBe('AWS_SECRET_ACCESS_KEY');
    expect(JSON.stringify(error.toView())).not.toContain('hidden-id');
  });

  it('in the file is refused by path, with what was expected and found', () => {
    writeFileSync(
      join(root, 'vitrine.yaml'),
      'pools: { gpu: { slots: 0, device: tpu } }\ns3: { secretAccessKey: x }\n',
    );
    const error = refusal(() => configOf());
    expect(error.details.where).toBe(join(root, 'vitrine.yaml'));
    expect(error.details.actual).toContain('pools.gpu.slots: ');
    expect(error.details.actual).toContain('pools.gpu.device: ');
    expect(error.details.actual).toContain('s3: unknown field secretAccessKey');
  });

  it('in a file that is not YAML is refused by line', () => {
    writeFileSync(join(root, 'vitrine.yaml'), 'pools:\n  a: [1\nb: }\n');
    expect(refusal(() => configOf()).details.where).toMatch(/vitrine\.yaml, line \d+, column \d+$/);
  });

  it('names a configuration file that is not there', () => {
    const error = refusal(() => configOf({ VITRINE_CONFIG: '/nowhere/vitrine.yaml' }));
    expect(error.details.where).toBe('VITRINE_CONFIG, /nowhere/vitrine.yaml');
  });

  it('in a state file is refused by file and field, and no key is shown', () => {
    writeFileSync(
      join(state, 'credentials.json'),
      '{"format":1,"s3":{"accessKeyId":"seen?"},"apiToken":"seen?"}',
    );
    const error = refusal(() => configOf());
    expect(error.details.where).toBe(join(state, 'credentials.json'));
    expect(error.details.actual).toContain('s3.secretAccessKey');
    expect(JSON.stringify(error.toView())).not.toContain('seen?');
  });

  it('in a state file cut off in the middle does not show the text around the cut', () => {
    writeFileSync(join(state, 'credentials.json'), '{"format":1,"s3":{"accessKeyId":"seen?",');
    const error = refusal(() => configOf());
    expect(JSON.stringify(error.toView())).not.toContain('seen?');
    expect(error.cause).toBeUndefined();
  });
});

describe('the default pool', () => {
  const gpus = (count: number) => ({ countGpus: () => count });

  it('has one slot on a machine with one processor', () => {
    expect(configOf({}, { cores: 1 }).pools).toEqual({
      default: { slots: 1, threads: 2, ...numerics, device: 'cpu' },
    });
  });

  it('has one slot per GPU where the driver answers', () => {
    expect(configOf({}, gpus(4)).pools).toEqual({
      default: { slots: 4, threads: 2, ...numerics, device: 'cuda' },
    });
  });

  it.each([
    ['1,3', 2],
    ['0,-1,2', 1],
  ])('counts the GPUs that CUDA_VISIBLE_DEVICES=%s leaves', (mask, slots) => {
    expect(configOf({ CUDA_VISIBLE_DEVICES: mask }, gpus(4)).pools).toMatchObject({ default: { slots } });
  });

  it('is a CPU pool when CUDA_VISIBLE_DEVICES is empty', () => {
    expect(configOf({ CUDA_VISIBLE_DEVICES: '' }, gpus(4)).pools).toMatchObject({
      default: { device: 'cpu' },
    });
  });

  it('is a CPU pool when the native parts are built for the CPU', () => {
    const server = { path: '/bin/x', version: '1', source: 'path' };
    const libtensorflow = { dir: '/lib/x', version: '2', sha256: 'f', device: 'cpu', source: 'wheel' };
    const native = { format: 1, temporal: server, s3: server, libtensorflow };
    writeFileSync(join(state, 'native.json'), JSON.stringify(native));
    expect(configOf({}, gpus(4)).pools).toMatchObject({ default: { device: 'cpu' } });
  });

  it('is not worked out when pools are configured', () => {
    writeFileSync(join(root, 'vitrine.yaml'), 'pools: { small: { threads: 1 } }\n');
    const countGpus = (): number => {
      throw new Error('the driver was asked');
    };
    expect(configOf({}, { countGpus }).pools).toEqual({
      small: { slots: 1, threads: 1, ...numerics, device: 'cpu' },
    });
  });
});
