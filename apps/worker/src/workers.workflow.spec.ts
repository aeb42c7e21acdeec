import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createS3Client, createS3Stores, ensureBucket, type Stores } from '@vitrine/artifact-store';
import {
  parsePipelineSpec,
  type PipelineWorkflow,
  type RunEvent,
  type RunRequest,
  type SealedRun,
} from '@vitrine/contracts';
import { CONTROL_QUEUE, runWorkflowId, WORKFLOW } from '@vitrine/contracts/names';
import { createMetrics } from '@vitrine/metrics';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildParts } from './testing/built.js';
import { workersOf } from './pool-workers.js';
import { createWorkers, runWorkers } from './workers.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const temporal = inject('temporal');
const s3 = inject('s3');
const bucket = `workers-${process.pid}`;
const pool = `workers-${process.pid}`;
const stateDir = mkdtempSync(join(tmpdir(), 'workers-'));

let client: Client;
let connection: NativeConnection;
let stores: Stores;
let built: Awaited<ReturnType<typeof buildParts>>;

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  connection = await NativeConnection.connect({ address: temporal.address });
  const s3Client = createS3Client(s3);
  await ensureBucket(s3Client, bucket);
  stores = createS3Stores({ client: s3Client, bucket });
  built = await buildParts();
});
afterAll(async () => {
  await connection.close();
  await client.connection.close();
  await built.remove();
  rmSync(stateDir, { recursive: true });
});

interface Running {
  readonly events: RunEvent[];
  /** Called for each event; may stop the workers. */
  onEvent: (event: RunEvent) => void;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

interface Setting {
  readonly codeVersion?: string;
  readonly identity?: string;
  readonly serves?: string;
}

async function startWorkers({
  codeVersion = 'test',
  identity = 'test',
  serves = pool,
}: Setting = {}): Promise<Running> {
  const stop = new AbortController();
  const metrics = createMetrics({ processMetrics: false });
  const events: RunEvent[] = [];
  // A connection takes one worker of a queue.
  const own = await NativeConnection.connect({ address: temporal.address });
  const workers = await createWorkers({
    connection: own,
    namespace: temporal.namespace,
    identity,
    built: { ...built, codeVersion: () => codeVersion },
    artifacts: stores.artifacts,
    runs: stores.runs,
    sweeps: stores.sweeps,
    schedules: stores.schedules,
    models: stores.models,
    datasets: { load: () => Promise.reject(new Error('none')) },
    cache: stores.cache,
    lineage: stores.lineage,
    profilesDir: join(stateDir, 'profiles'),
    library: undefined,
    pools: { [serves]: { slots: 1, threads: 1, precision: 'float32', execution: 'captured', device: 'cpu' } },
    failures: [],
    leases: new Map(),
    gpus: new Map(),
    environment: {
      PATH: process.env['PATH'] ?? '',
      VITRINE_STATE_DIR: stateDir,
      VITRINE_S3_BUCKET: bucket,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
    logsDir: join(stateDir, 'logs'),
    emit: (event) => {
      events.push(event);
      running.onEvent(event);
    },
    metrics,
  });
  const ended = runWorkers(workers, stop.signal).finally(() => own.close());
  const running: Running = {
    events,
    onEvent: () => undefined,
    metrics: () => metrics.text(),
    stop: () => {
      stop.abort();
      return ended;
    },
  };
  return running;
}

let runs = 0;
async function submit(stages: Record<string, object>) {
  runs += 1;
  const spec = parsePipelineSpec({
    version: 1,
    name: 'workers',
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, stage]) => [name, { kind: 'noop', pool, ...stage }]),
    ),
  });
  const request: RunRequest = {
    project: spec.project,
    runId: `workers-${process.pid}-${runs}`,
    spec,
    seeds: Object.fromEntries(Object.keys(stages).map((name) => [name, 1])),
    codeVersion: 'test',
    submittedAt: '2026-01-01T00:00:00.000Z',
  };
  await stores.runs.putRequest(request);
  const handle = await client.workflow.start<PipelineWorkflow>(WORKFLOW.pipeline, {
    taskQueue: CONTROL_QUEUE,
    workflowId: runWorkflowId(request.project, request.runId),
    args: [request],
  });
  return { handle, cancel: () => handle.cancel(), record: () => recordOf(handle) };
}

/** What is stored of a run that has ended. */
async function recordOf(handle: WorkflowHandle<PipelineWorkflow>): Promise<SealedRun> {
  const { project, runId, status } = await handle.result();
  const sealed = await stores.runs.getSealed(project, runId);
  if (sealed?.status !== status) throw new Error(`run ${runId}: ${status}, sealed as ${sealed?.status}`);
  return sealed;
}

/** Ends the computation that a stage has started for all who want its key, as an operator would who knows no better. */
async function terminateFlight(stageWorkflow: string): Promise<void> {
  const { raw } = await client.workflow.getHandle(stageWorkflow).describe();
  const flight = raw.pendingChildren?.[0]?.workflowId;
  if (!flight) throw new Error(`${stageWorkflow} has started no flight`);
  await client.workflow.getHandle(flight).terminate('a test');
}

/** Resolves with the first event that fits. */
function first(running: Running, fits: (event: RunEvent) => boolean): Promise<RunEvent> {
  return new Promise((resolve) => {
    running.onEvent = (event) => {
      if (fits(event)) resolve(event);
    };
  });
}

const slow = { params: { steps: 120, stepMilliseconds: 50, checkpointBytes: 10 } };

describe('the workers', () => {
  it('run a pipeline to its end and seal it', async () => {
    const running = await startWorkers();
    try {
      const handle = await submit({ one: {}, two: { inputs: { after: { one: 'one.done' } } } });
      expect((await handle.record()).status).toBe('succeeded');
      const ends = running.events.filter((event) => event.type === 'stage' && event.state === 'succeeded');
      expect(ends.map(({ stage }) => stage)).toEqual(['one', 'two']);
      expect(await running.metrics()).toMatch(/vitrine_stage_attempts_total\{.*outcome="succeeded"\} 2/);
    } finally {
      await running.stop();
    }
  });

  it('let a stage go on from its checkpoint on another worker when they are stopped', async () => {
    const before = await startWorkers();
    const handle = await submit({ only: slow });
    await first(before, (event) => event.type === 'checkpoint' && event.step >= 5);
    await before.stop();
    const after = await startWorkers();
    try {
      const attempt = await first(after, ({ type }) => type === 'attempt');
      expect(attempt).toMatchObject({ epoch: 2 });
      expect(attempt.type === 'attempt' && attempt.resumedFromStep).toBeGreaterThanOrEqual(5);
      const record = await handle.record();
      expect(record.stages['only']).toMatchObject({ state: 'succeeded', epoch: 2 });
    } finally {
      await after.stop();
    }
  });

  it('let a run go on from the checkpoint of another one whose computation was terminated, and say what it waits for', async () => {
    const running = await startWorkers();
    try {
      const shared = { ...slow, cache: true };
      const dead = await submit({ one: shared });
      await first(running, (event) => event.type === 'checkpoint' && event.step >= 5);
      const heir = await submit({ other: shared });
      const waits = await first(running, (event) => event.type === 'stage' && event.waitsFor !== undefined);
      const runId = dead.handle.workflowId.replace('default/', '');
      expect(waits).toMatchObject({ stage: 'other', state: 'queued', waitsFor: { runId, stage: 'one' } });
      const attempt = first(running, (event) => event.type === 'attempt' && event.stage === 'other');
      await terminateFlight(`${dead.handle.workflowId}/one`);
      const taken = await attempt;
      expect(taken.type === 'attempt' && taken.resumedFromStep).toBeGreaterThanOrEqual(5);
      expect((await heir.record()).stages['other']).toMatchObject({
        state: 'succeeded',
        cache: { outcome: 'miss' },
      });
      expect((await dead.record()).status).toBe('cancelled');
    } finally {
      await running.stop();
    }
  });

  it('stop the stages of a run that is cancelled', async () => {
    const running = await startWorkers();
    try {
      const handle = await submit({ only: slow });
      await first(running, ({ type }) => type === 'checkpoint');
      await handle.cancel();
      expect((await handle.record()).status).toBe('cancelled');
      expect(running.events.at(-1)).toMatchObject({ type: 'stage', state: 'cancelled' });
    } finally {
      await running.stop();
    }
  });

  /** Fails once, as a program on a machine without room does. */
  const failsOnce = (name: string) => {
    const mark = join(stateDir, name);
    const script = `[ -e ${mark} ] && exit 0; touch ${mark}; echo 'No space left on device' >&2; exit 1`;
    const retry = { infrastructure: 1, own: 0 };
    return { kind: 'command', pool: name, retry, params: { argv: ['/bin/sh', '-c', script] } };
  };
  const attemptsIn = ({ events }: Running) => events.filter(({ type }) => type === 'attempt').length;

  it('leave a stage to another one whose machine failed it', async () => {
    const name = `elsewhere-${process.pid}`;
    const both = await Promise.all(
      ['first', 'second'].map((identity) => startWorkers({ identity, serves: name })),
    );
    try {
      while ((await workersOf({ connection, namespace: temporal.namespace }, name)).length < 2)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const record = await (await submit({ only: failsOnce(name) })).record();
      expect(record.stages['only']).toMatchObject({ state: 'succeeded', epoch: 2 });
      expect(both.map(attemptsIn)).toEqual([1, 1]);
    } finally {
      await Promise.all(both.map((running) => running.stop()));
    }
  });

  it('take a stage again that the machine failed when there is no other, and say so', async () => {
    const name = `alone-${process.pid}`;
    const running = await startWorkers({ serves: name });
    try {
      const record = await (await submit({ only: failsOnce(name) })).record();
      expect(record.stages['only']).toMatchObject({ state: 'succeeded', epoch: 2 });
      expect(running.events).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('has no other one: tried here again') }),
      );
    } finally {
      await running.stop();
    }
  });

  it('leave a run alone that was planned for other code, until its own come', async () => {
    const others = await startWorkers({ codeVersion: 'other' });
    const handle = await submit({ only: {} });
    const refused = await first(others, (event) => event.type === 'stage' && event.state === 'queued');
    expect(refused).toMatchObject({ error: { code: 'CodeVersionMismatch' } });
    await others.stop();
    const own = await startWorkers();
    try {
      expect((await handle.record()).stages['only']).toMatchObject({ state: 'succeeded', epoch: 1 });
    } finally {
      await own.stop();
    }
  });
});
