import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createMemoryStores, MemoryObjects, parseS3Uri } from '@vitrine/artifact-store';
import {
  parsePipelineSpec,
  stageJobSchema,
  VitrineError,
  type ArtifactRef,
  type CacheAnswer,
  type NumericsProfile,
  type RunEvent,
  type RunRequest,
  type StageJob,
  type StageResult,
} from '@vitrine/contracts';
import { stageJob } from '@vitrine/planning';
import { MetricBuffer } from '@vitrine/metrics';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCacheActivities, createCacheControl } from './cache-activities.js';

const profile: NumericsProfile = {
  build: 'a',
  device: 'cpu',
  threads: 2,
  precision: 'float32',
  execution: 'eager',
};
const AT = '2026-01-01T00:00:09.000Z';
const logger = new DefaultLogger('ERROR');

let objects: MemoryObjects;
let stores: ReturnType<typeof createMemoryStores>;
let events: RunEvent[];
let numerics: () => Promise<NumericsProfile>;

beforeEach(() => {
  objects = new MemoryObjects();
  stores = createMemoryStores(objects);
  events = [];
  numerics = () => Promise.resolve(profile);
});

const job = (change: object = {}): StageJob =>
  stageJobSchema.parse({
    project: 'default',
    runId: 'run-2',
    stage: 'judge',
    kind: 'report',
    pool: 'default',
    seed: 0,
    params: { title: 'A page' },
    inputs: {},
    resources: {},
    timeouts: {},
    codeVersion: 'code',
    ...change,
  });

const metrics = new MetricBuffer();

function activities() {
  const deps = {
    cache: stores.cache,
    runs: stores.runs,
    emit: (event: RunEvent) => events.push(event),
    clock: () => new Date(AT),
    profileOf: () => numerics(),
    metrics,
  };
  return { ...createCacheActivities(deps), ...createCacheControl(deps) };
}

const run = <T>(work: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment({ heartbeatTimeoutMs: 300 }, { logger }).run(work);
const lookUp = (of: StageJob): Promise<CacheAnswer> => run(() => activities().lookUp(of));

async function result(content = 'a page', change: Partial<StageResult> = {}): Promise<StageResult> {
  const report = await stores.artifacts('default').put('report', Buffer.from(content));
  return {
    outputs: { report },
    summary: { bytes: report.bytes },
    epoch: 3,
    resumedFromStep: 7,
    profile,
    startedAt: '2026-01-01T00:00:01.000Z',
    endedAt: '2026-01-01T00:00:05.000Z',
    cache: { outcome: 'miss', reason: 'there was none' },
    ...change,
  };
}

const store = async (of: StageJob, computed?: StageResult): Promise<StageResult> => {
  const stored = computed ?? (await result());
  return run(() => activities().storeResult({ job: of, result: stored }));
};
const messages = () =>
  events.flatMap((event) => (event.type === 'log' ? [`${event.level} ${event.message}`] : []));

describe('looking a stage up', () => {
  it('finds what was stored for the same work of another run, and says whose it is', async () => {
    const stored = await store(job({ runId: 'run-1', stage: 'other-name' }));
    const answer = await lookUp(job());
    expect(answer).toEqual({
      key: stored.cache?.key,
      result: {
        ...stored,
        epoch: 1,
        resumedFromStep: 0,
        startedAt: AT,
        endedAt: AT,
        cache: {
          outcome: 'hit',
          key: stored.cache?.key,
          from: { runId: 'run-1', stage: 'other-name' },
        },
      },
    });
    expect(messages()).toEqual([
      `info found: computed by run run-1, stage other-name, key ${stored.cache?.key}`,
    ]);
  });

  it('regression for kubeflow/pipelines#5764: always says why a stage is computed', async () => {
    const { key, reason } = await lookUp(job());
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(reason).toBe('there is no result under its key');
    expect(messages()).toEqual(['info not found: there is no result under its key']);
  });

  it('only to know leaves no trace: nothing is said, and nothing is mended', async () => {
    const { outputs } = await store(job());
    const { report } = outputs as { report: ArtifactRef };
    const { key } = parseS3Uri(report.uri);
    objects.entries.set(key, { content: Buffer.from('b page'), etag: 'x' });
    const answer = await run(() => activities().peek(job()));
    expect(answer.reason).toMatch(/is damaged/);
    expect(messages()).toEqual([]);
    expect(objects.entries.has(key)).toBe(true);
    await lookUp(job());
    expect(objects.entries.has(key)).toBe(false);
  });

  it('finds nothing that was computed with other numerics', async () => {
    await store(job());
    numerics = () => Promise.resolve({ ...profile, threads: 4 });
    expect((await lookUp(job())).result).toBeUndefined();
  });

  it.each([
    [
      'missing',
      (ref: ArtifactRef) => objects.entries.delete(parseS3Uri(ref.uri).key),
      /^the result of run run-1 is of no use: output report is missing: s3:/,
    ],
    [
      'damaged in its length',
      (ref: ArtifactRef) =>
        objects.entries.set(parseS3Uri(ref.uri).key, { content: Buffer.from('b page'), etag: 'x' }),
      /^the result of run run-1 is of no use: output report is damaged: s3:.*expected sha256/,
    ],
  ])(
    'regression for kubeflow/pipelines#7939: an output that is %s is no hit, is named, and is made again',
    async (_, harm, reason) => {
      const first = await result();
      const { report } = first.outputs as { report: ArtifactRef };
      await store(job({ runId: 'run-1' }), first);
      harm(report);
      const answer = await lookUp(job());
      expect(answer.result).toBeUndefined();
      expect(answer.reason).toMatch(reason);
      expect(messages()[0]).toMatch(/^warn not found: /);
      // The same bytes are computed again, and whoever looks now finds them.
      await store(job(), await result());
      expect((await lookUp(job())).result?.outputs).toEqual({ report });
      expect(Buffer.from(await stores.artifacts('default').get(report)).toString()).toBe('a page');
    },
  );

  it('takes an entry that is none any more for no entry', async () => {
    await store(job());
    for (const key of objects.entries.keys())
      if (key.includes('/cache/entries/')) objects.entries.set(key, { content: Buffer.from('{'), etag: 'x' });
    expect((await lookUp(job())).reason).toMatch(/^what is stored under its key is of no use: .*s3:/);
    await store(job());
    expect((await lookUp(job())).result).toBeDefined();
  });

  it('gives no key when the numerics cannot be told, so that the stage itself says what is wrong', async () => {
    numerics = () => Promise.reject(new VitrineError('Internal', 'The backend could not be loaded.'));
    expect(await lookUp(job())).toEqual({
      reason: 'what its bytes depend on cannot be told: The backend could not be loaded.',
    });
  });

  it('refuses a job that is not valid, for good', async () => {
    await expect(lookUp({ ...job(), params: { title: 3 } })).rejects.toMatchObject({
      type: 'InvalidSpec',
      nonRetryable: true,
    });
  });

  it('is tried again while the object server is away', async () => {
    const away = new VitrineError('StorageUnavailable', 'Not now.');
    objects.get = () => Promise.reject(away);
    await expect(lookUp(job())).rejects.toMatchObject({ type: 'StorageUnavailable', nonRetryable: false });
  });
});

describe('storing a result', () => {
  it('warns when the same key came out with other bytes', async () => {
    await store(job({ runId: 'run-1' }));
    await store(job(), await result('another page', { cache: { outcome: 'forced' } }));
    expect(messages()).toEqual([
      'warn other bytes than those of run run-1, stage judge, under the same key: this stage does not come out the same each time',
    ]);
    expect((await lookUp(job())).result?.cache?.from).toEqual({ runId: 'run-2', stage: 'judge' });
  });

  it('files it under the numerics of the worker that computed it', async () => {
    await store(job(), await result('a page', { profile: { ...profile, threads: 4 } }));
    expect((await lookUp(job())).result).toBeUndefined();
    numerics = () => Promise.resolve({ ...profile, threads: 4 });
    expect((await lookUp(job())).result).toBeDefined();
  });
});

describe('keeping a result of the run that is repeated', () => {
  const spec = parsePipelineSpec({
    version: 1,
    name: 'two',
    stages: { page: { kind: 'report' }, wait: { kind: 'noop' } },
  });
  const request: RunRequest = {
    project: 'default',
    runId: 'run-1',
    spec,
    seeds: { page: 1, wait: 2 },
    codeVersion: 'code',
    submittedAt: AT,
  };
  const again = { ...request, runId: 'run-2', codeVersion: 'corrected' };
  const earlier = { runId: 'run-1', stage: 'page' };

  async function seal(change: object = {}) {
    const { outputs, summary } = await result();
    const page = {
      kind: 'report',
      pool: 'default',
      needs: [],
      state: 'succeeded',
      outputs,
      summary,
      profile,
    };
    await stores.runs.seal({
      format: 1,
      request,
      status: 'failed',
      stages: { page: { ...page, ...change } as never },
      endedAt: AT,
    });
    return outputs as { report: ArtifactRef };
  }
  const keep = (of: StageJob) => run(() => activities().keepResult(of, earlier));

  it('regression for kubeflow/pipelines#8790: goes on with corrected code after a failed stage, without what succeeded', async () => {
    const outputs = await seal();
    expect(await keep(stageJob(again, {}, 'page'))).toMatchObject({
      result: { outputs, cache: { outcome: 'kept', from: earlier } },
    });
  });

  it.each([
    [{ params: { title: 'Other' } }, 'the parameter title: was "Vitrine report", is "Other"'],
    [{ seed: 9 }, 'the seed: was 1, is 9'],
  ])('is refused for %j', async (change, reason) => {
    await seal();
    expect(await keep({ ...stageJob(again, {}, 'page'), ...change })).toEqual({ reason });
    expect(messages()).toEqual([`warn not taken over from run run-1: ${reason}`]);
  });

  it('is refused when it did not succeed, is damaged or is not recorded', async () => {
    expect(await keep(stageJob(again, {}, 'page'))).toEqual({ reason: 'there is no record of it' });
    const { report } = await seal();
    objects.entries.delete(parseS3Uri(report.uri).key);
    expect((await keep(stageJob(again, {}, 'page'))).reason).toMatch(/^output report is missing/);
  });
});
