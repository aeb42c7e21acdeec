import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCredentialsFile, readNativeFile } from '@vitrine/config';
import type { RunView } from '@vitrine/contracts';
import { LocalStack } from '../src/local-stack.js';
import { smallTraining } from '../src/small-training.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = 'pools: { default: { slots: 1, threads: 1 } }';

/** Another worker of the stack's pool, as on another machine: a process with a state folder and a slot of its own. */
async function startWorker(stack: LocalStack): Promise<{ stop(): Promise<void> }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'vitrine-second-'));
  const { temporal, s3, api } = await stack.stackFile();
  const credentials = readCredentialsFile(stack.stateDir);
  const native = readNativeFile(stack.stateDir);
  if (!temporal || !s3 || !api || !credentials || !native) throw new Error('the stack is not up');
  await writeFile(join(stateDir, 'native.json'), JSON.stringify(native));
  await writeFile(join(stateDir, 'vitrine.yaml'), CONFIG);
  const worker = spawn(process.execPath, ['apps/worker/dist/main.mjs'], {
    env: {
      PATH: process.env['PATH'],
      VITRINE_STATE_DIR: stateDir,
      VITRINE_CONFIG: join(stateDir, 'vitrine.yaml'),
      VITRINE_API_URL: api.url,
      VITRINE_API_TOKEN: credentials.apiToken,
      VITRINE_METRICS_PORT: '0',
      TEMPORAL_ADDRESS: temporal.address,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.s3.secretAccessKey,
      VITRINE_S3_BUCKET: s3.bucket,
      // Files of its stages are nobody else's.
      TMPDIR: stateDir,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(worker, 'exit');
  await new Promise<void>((ready, failed) => {
    worker.stdout.on('data', (line) => String(line).includes('"ready"') && ready());
    void ended.then(() => failed(new Error('the second worker ended before it was ready')));
  });
  return {
    stop: async () => {
      worker.kill('SIGTERM');
      await ended;
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

function pipeline(): unknown {
  const { stages } = smallTraining('two-workers') as { stages: { train: { params: object } } };
  const conditions = [{ kind: 'clean' }, { kind: 'pgd', epsilon: 0.02, stepSize: 0.01, steps: 3 }];
  return {
    version: 1,
    name: 'two-workers',
    stages: {
      train: { kind: 'train', params: { ...stages.train.params, epochs: 2 } },
      judged: {
        kind: 'evaluate',
        inputs: { model: 'train.model' },
        params: { test: { limit: 384 }, batchSize: 64, chunkImages: 64, conditions },
      },
    },
  };
}

const digests = ({ stages }: RunView) =>
  Object.entries(stages['judged']?.outputs ?? {}).map(([name, { sha256 }]) => [name, sha256]);

describe('a stage that is cut into chunks', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.up({ config: CONFIG });
  });
  afterAll(() => stack.destroy());

  it('has the same bytes from two worker processes as from one, attacks included', async () => {
    const alone = await stack.end(await stack.submit(pipeline()));
    expect(alone.status).toBe('succeeded');
    const second = await startWorker(stack);
    try {
      const handle = await stack.submit({ ...(pipeline() as object), project: 'shared' });
      const workers = new Set<string>();
      for await (const { event } of stack.events(handle))
        if (event.type === 'attempt' && /^judged\.\d+$/.test(event.stage)) workers.add(event.worker);
      const both = await stack.end(handle);
      expect(workers.size).toBe(2);
      expect(both.stages['judged']?.elements).toMatchObject({ total: 6, succeeded: 6, found: 0 });
      expect(digests(both)).toEqual(digests(alone));
    } finally {
      await second.stop();
    }
  });
});
