import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCredentialsFile, readNativeFile } from '@vitrine/config';
import type { RunView } from '@vitrine/contracts';
import { LocalStack } from '../src/local-stack.js';
import { smallSmoothing } from '../src/small-smoothing.js';
import { smallTraining } from '../src/small-training.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = 'pools: { default: { slots: 1, threads: 1 } }';

/** Another worker of the stack's pool, as on another machine: a process with a state folder and a slot of its own. */
async function startWorker(stack: LocalStack): Promise<{ stop(): Promise<void>; kill(): Promise<void> }> {
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
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    worker.kill(signal);
    await ended;
    await rm(stateDir, { recursive: true, force: true });
  };
  return { stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
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

/** A certification of four chunks, computed anew each time; what it needs is found. */
function certification(): unknown {
  const { stages, ...head } = smallSmoothing('two-workers-certify', 4) as {
    stages: Record<'classifier' | 'denoiser' | 'certificates', { params: object }>;
  };
  const { classifier, denoiser, certificates } = stages;
  return {
    ...head,
    stages: {
      classifier,
      denoiser: { ...denoiser, cache: true, params: { ...denoiser.params, epochs: 1 } },
      judged: { ...certificates, params: { ...certificates.params, test: { limit: 16 }, draws: 500 } },
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

  it('computes again only what a killed worker had in hand of a certification, to the same bytes', async () => {
    const first = await stack.submit(certification());
    const own = new Set<string>();
    for await (const { event } of stack.events(first)) if (event.type === 'attempt') own.add(event.worker);
    const alone = await stack.end(first);
    expect(alone.status).toBe('succeeded');
    expect(own.size).toBe(1);
    const second = await startWorker(stack);
    const attempts: { readonly chunk: string; readonly lent: boolean }[] = [];
    let killed = false;
    try {
      const handle = await stack.submit({ ...(certification() as object), project: 'shared' });
      for await (const { event } of stack.events(handle)) {
        if (event.type !== 'attempt' || !/^judged\.\d+$/.test(event.stage)) continue;
        const lent = !own.has(event.worker);
        attempts.push({ chunk: event.stage, lent });
        if (!lent || killed) continue;
        killed = true;
        await second.kill();
      }
      const both = await stack.end(handle);
      expect(both.stages['judged']?.elements).toMatchObject({ total: 4, succeeded: 4, found: 0 });
      expect(digests(both)).toEqual(digests(alone));
    } finally {
      if (!killed) await second.stop();
    }
    expect(killed).toBe(true);
    // It had one slot: one chunk at most was lost with it, and that was begun again elsewhere.
    const again = [...new Set(attempts.map(({ chunk }) => chunk))].filter(
      (name) => attempts.filter(({ chunk }) => chunk === name).length > 1,
    );
    expect(again.length).toBeLessThanOrEqual(1);
    for (const name of again)
      expect(attempts.filter(({ chunk }) => chunk === name).map(({ lent }) => lent)).toEqual([true, false]);
  });
});
