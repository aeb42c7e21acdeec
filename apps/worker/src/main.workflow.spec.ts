import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createS3Client, ensureBucket } from '@vitrine/artifact-store';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

const temporal = inject('temporal');
const s3 = inject('s3');
const bucket = `worker-main-${process.pid}`;
const workspace = fileURLToPath(new URL('../../../', import.meta.url));
const stateDir = mkdtempSync(join(tmpdir(), 'worker-main-'));
let child: ChildProcess | undefined;
/** Resolves when it has ended and all that it wrote is read. */
let closed: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  await ensureBucket(createS3Client(s3), bucket);
  // Without Nx's own background process, which would outlive the tests.
  const env = { ...process.env, NX_DAEMON: 'false' };
  await promisify(execFile)('npx', ['nx', 'build', '@vitrine/worker'], { cwd: workspace, env });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await closed;
});
afterAll(() => rmSync(stateDir, { recursive: true }));

/** Starts the worker as built. */
function start(change: Record<string, string> = {}) {
  const started = spawn(process.execPath, [join(workspace, 'apps/worker/dist/main.mjs')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      VITRINE_STATE_DIR: stateDir,
      VITRINE_S3_BUCKET: bucket,
      TEMPORAL_ADDRESS: temporal.address,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      ...change,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let errors = '';
  started.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(started, 'close').then(([code]) => ({ code: code as number | null, errors }));
  closed = ended;
  const lines = createInterface(started.stdout);
  /** The first log line whose message begins so. */
  const says = (message: string): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      lines.on('line', (line) => {
        const entry = JSON.parse(line) as Record<string, unknown>;
        if (String(entry['message']).startsWith(message)) resolve(entry);
      });
    });
  return { ended, says, stop: () => started.kill('SIGTERM') };
}

describe('the worker process', () => {
  it('says when it is ready, serves its metrics with those of the SDK, and ends well when it is told to', async () => {
    const worker = start();
    const ready = await worker.says('ready');
    const page = await (await fetch(String(ready['metrics']))).text();
    expect(page).toMatch(/^vitrine_pool_slots\{pool="default"\} \d+$/m);
    expect(page).toMatch(/^temporal_num_pollers\{/m);
    worker.stop();
    expect(await worker.ended).toMatchObject({ code: 0 });
  });

  it('waits for a Temporal server that is not there, says so, and can be stopped meanwhile', async () => {
    const worker = start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const waiting = await worker.says('waiting: ');
    expect(waiting['message']).toContain('TEMPORAL_ADDRESS, 127.0.0.1:1');
    worker.stop();
    expect(await worker.ended).toMatchObject({ code: 0 });
  });

  it('ends with the reason when waiting does not help', async () => {
    const { code, errors } = await start({ AWS_SECRET_ACCESS_KEY: 'wrong' }).ended;
    expect(code).toBe(1);
    expect(errors).toContain('InvalidConfig');
    expect(errors).toContain('AWS_ACCESS_KEY_ID');
    expect(errors).not.toContain('wrong');
  });
});
