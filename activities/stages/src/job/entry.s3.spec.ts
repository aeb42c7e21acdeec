import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createS3Client, createS3Stores, ensureBucket, type Stores } from '@vitrine/artifact-store';
import { isRunning, processIdentity } from '@vitrine/config';
import { stageJobSchema, type StageJob } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildEntry } from '../testing/built-entry.js';
import { runStageProcess } from './host.js';
import { createMemoryGuard } from './memory-guard.js';
import type { ChildReport, StartMessage } from './messages.js';

const s3 = inject('s3');
const bucket = `stage-entry-${process.pid}`;
let entry: string;
let stores: Stores;

beforeAll(async () => {
  const client = createS3Client(s3);
  await ensureBucket(client, bucket);
  stores = createS3Stores({ client, bucket });
  entry = await buildEntry();
});
afterAll(() => rmSync(dirname(entry), { recursive: true, force: true }));

function environment(endpoint = s3.endpoint): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    VITRINE_STATE_DIR: `/nonexistent/${bucket}`,
    VITRINE_S3_BUCKET: bucket,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}

let runs = 0;
function noop(params: object, change: Partial<StageJob> = {}): StartMessage {
  runs += 1;
  const job = stageJobSchema.parse({
    project: 'default',
    runId: `run-${runs}`,
    stage: 'one',
    kind: 'noop',
    pool: 'default',
    seed: 0,
    params: { steps: 0, stepMilliseconds: 0, checkpointBytes: 0, ...params },
    inputs: {},
    resources: {},
    timeouts: {},
    codeVersion: 'code',
    ...change,
  });
  return {
    type: 'start',
    job,
    numerics: { threads: 1, precision: 'float32', execution: 'captured' },
    owner: 'host:1',
    failures: [],
  };
}

interface Running {
  readonly reports: ChildReport[];
  /** Stops it as a worker does. */
  stop(reason: Error): void;
}

/** Runs the real stage process; `onReport` may interfere. */
async function run(
  start: StartMessage,
  {
    onReport,
    endpoint,
  }: { onReport?: (report: ChildReport, running: Running) => void; endpoint?: string } = {},
) {
  const controller = new AbortController();
  const reports: ChildReport[] = [];
  const running: Running = { reports, stop: (reason) => controller.abort(reason) };
  const outcome = await runStageProcess({
    entry,
    start,
    environment: environment(endpoint),
    signal: controller.signal,
    stopReason: () => 'WorkerShutdown',
    graceMilliseconds: 10_000,
    memory: createMemoryGuard(),
    onReport: (report) => {
      reports.push(report);
      onReport?.(report, running);
    },
    onLog: () => undefined,
  }).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, reports } as {
    result?: Awaited<ReturnType<typeof runStageProcess>>;
    error?: unknown;
    reports: ChildReport[];
  };
}

const types = (reports: readonly ChildReport[]): string[] => [...new Set(reports.map(({ type }) => type))];
const pointer = async ({ job }: StartMessage) => (await stores.checkpoints.claim(job, 'reader')).previous;

describe('the stage process', () => {
  it('runs a stage to its result and keeps its checkpoints', async () => {
    const start = noop({ steps: 3, stepMilliseconds: 5, checkpointBytes: 1000 });
    const { result, reports } = await run(start);
    expect(result).toMatchObject({
      outputs: { done: { type: 'document', bytes: 2 } },
      summary: { steps: 3 },
      epoch: 1,
      resumedFromStep: 0,
      profile: { build: 'none', threads: 1 },
    });
    expect(types(reports).filter((type) => type !== 'measured')).toEqual([
      'attempt',
      'progress',
      'checkpoint',
    ]);
    const stored = reports.flatMap((report) => (report.type === 'checkpoint' ? [report] : []));
    expect(stored.map(({ step, bytes }) => [step, bytes])).toEqual([
      [1, 1000],
      [2, 1000],
      [3, 1000],
    ]);
    expect((await pointer(start))?.step).toBe(3);
    const last = reports.findLast((report) => report.type === 'progress');
    expect(last).toMatchObject({ progress: { phase: 'noop', step: 3, total: 3 } });
  });

  it.each([
    // Each checkpoint is its bytes and its pointer; the pointer is first written when the stage is claimed.
    ['succeeds', noop({ steps: 2, checkpointBytes: 100 }), 5],
    ['fails', noop({}, { kind: 'import-model', params: { source: '/no/such.safetensors', model: {} } }), 1],
  ])('loses nothing of what it measured when it %s at once', async (_how, start, least) => {
    const { reports } = await run(start);
    const written = reports
      .flatMap((report) => (report.type === 'measured' ? report.samples : []))
      .filter(
        ({ name, labels }) => name === 'vitrine_s3_request_seconds' && labels['operation'] === 'PutObject',
      )
      .flatMap(({ values }) => values);
    expect(written.length).toBeGreaterThanOrEqual(least);
  });

  it('stores where it is when it is asked to stop, and goes on from there', async () => {
    const start = noop({ steps: 10_000, stepMilliseconds: 20, checkpointBytes: 10 });
    const reason = new Error('shutdown');
    const first = await run(start, {
      onReport: (report, running) => {
        if (report.type === 'checkpoint' && report.step === 3) running.stop(reason);
      },
    });
    expect(first.error).toBe(reason);
    const step = (await pointer(start))?.step ?? 0;
    expect(step).toBeGreaterThanOrEqual(3);
    const steps = step + 3;
    const params = { ...start.job.params, steps };
    const second = await run({ ...start, job: { ...start.job, params } as StageJob });
    expect(second.result).toMatchObject({ resumedFromStep: step, summary: { steps } });
    expect(second.reports[0]).toEqual({ type: 'attempt', epoch: 3, resumedFromStep: step });
  });

  it('ends when a newer attempt takes its stage over', async () => {
    const start = noop({ steps: 1000, stepMilliseconds: 20, checkpointBytes: 10 });
    let taken: Promise<unknown> | undefined;
    const { error } = await run(start, {
      onReport: ({ type }) => {
        if (type === 'checkpoint') taken ??= stores.checkpoints.claim(start.job, 'newer');
      },
    });
    await taken;
    expect(error).toMatchObject({ code: 'CheckpointFenced' });
  });

  it('refuses to go on from a checkpoint that was made under other numerics', async () => {
    const start = noop({ steps: 2 });
    const lease = await stores.checkpoints.claim(start.job, 'earlier');
    const other = {
      build: 'none',
      device: 'none',
      threads: 8,
      precision: 'float32',
      execution: 'eager',
    } as const;
    await lease.save(1, other, new Uint8Array(1));
    expect((await run(start)).error).toMatchObject({
      code: 'NumericsMismatch',
      details: { expected: 'threads 8', actual: 'threads 1' },
    });
  });

  it('fails with the error of its stage', async () => {
    const start = noop({}, { kind: 'import-model', params: { source: '/no/such.safetensors', model: {} } });
    expect((await run(start)).error).toMatchObject({ code: 'NotFound', details: { where: 'params.source' } });
  });

  it('waits for a store that is not there yet, and goes on through an outage', async () => {
    const door = await Door.before(s3.endpoint);
    door.close();
    // After the fifth step fewer snapshots are left than may go unsaved in a row, however long a retry takes.
    const start = noop({ steps: 20, stepMilliseconds: 300, checkpointBytes: 10 });
    try {
      const { result, reports } = await run(start, {
        endpoint: door.endpoint,
        onReport: (report) => {
          if (report.type === 'waiting') door.open();
          // The outage begins after some checkpoints, and ends when the process has said that it waits.
          if (report.type === 'checkpoint' && report.step === 5) door.close();
        },
      });
      expect(result).toMatchObject({ epoch: 1, summary: { steps: 20 } });
      expect(reports.find(({ type }) => type !== 'measured')?.type).toBe('waiting');
      const order = reports.filter(({ type }) => type !== 'progress').map(({ type }) => type);
      expect(order.lastIndexOf('waiting')).toBeGreaterThan(order.indexOf('checkpoint'));
      expect((await pointer(start))?.step).toBe(20);
    } finally {
      await door.remove();
    }
  });

  it('is gone when its worker is killed', async () => {
    const parent = fileURLToPath(new URL('../../testdata/children/parent.mjs', import.meta.url));
    const start = noop({ steps: 10_000, stepMilliseconds: 20 });
    const worker = spawn(process.execPath, [parent, entry, JSON.stringify(start)], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(worker.stdout), 'line')) as [string];
    const { pid, message } = JSON.parse(line) as { pid: number; message: ChildReport };
    expect(message.type).toBe('attempt');
    const identity = processIdentity(pid);
    if (!identity) throw new Error('the stage process had ended by itself');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    while (isRunning(identity)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isRunning(identity)).toBe(false);
  });
});

/** A way to the S3 server that can be closed and opened. */
class Door {
  private isOpen = true;

  private constructor(
    private readonly server: Server,
    private readonly sockets: Set<{ destroy(): void }>,
  ) {}

  static async before(endpoint: string): Promise<Door> {
    const { hostname, port } = new URL(endpoint);
    const sockets = new Set<{ destroy(): void }>();
    const server = createServer((incoming) => {
      if (!door.isOpen) return incoming.destroy();
      const outgoing = connect(Number(port), hostname);
      for (const socket of [incoming, outgoing]) {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      }
      return void incoming.pipe(outgoing).pipe(incoming);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const door = new Door(server, sockets);
    return door;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
    for (const socket of this.sockets) socket.destroy();
  }

  async remove(): Promise<void> {
    this.close();
    await once(this.server.close(), 'close');
  }
}
