import { createHash } from 'node:crypto';
import {
  cacheEntrySchema,
  parsePipelineSpec,
  type ArtifactRef,
  type CacheEntry,
  type NumericsProfile,
  type RunRequest,
  type SealedRun,
  type VitrineError,
} from '@vitrine/contracts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StageScope } from './artifact-store.js';
import { cacheKey } from './keys.js';
import type { Stores } from './stores.js';

/** What a suite can do to an implementation behind its back. */
export interface Bench {
  readonly stores: Stores;
  /** Replaces the stored bytes of an artifact. */
  damage(ref: ArtifactRef, content: Uint8Array): Promise<void>;
  remove(ref: ArtifactRef): Promise<void>;
}

const PROFILE: NumericsProfile = {
  build: 'test',
  device: 'test',
  threads: 2,
  precision: 'float32',
  execution: 'eager',
};

const MIB = 2 ** 20;

/** Bytes that no part boundary maps onto itself. */
function pattern(length: number): Uint8Array {
  const content = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) content[i] = (i * 31 + (i >> 13)) & 0xff;
  return content;
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function* pieces(content: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += size) {
    await Promise.resolve();
    yield content.subarray(offset, offset + size);
  }
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** The error of the closed list that an action ends in. */
async function refusal(action: Promise<unknown>): Promise<VitrineError> {
  return action.then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );
}

function request(project: string, runId: string): RunRequest {
  const spec = parsePipelineSpec({ version: 1, name: 'tiny', stages: { only: { kind: 'noop' } } });
  return {
    project,
    runId,
    spec,
    seeds: { only: 7 },
    codeVersion: 'abc',
    submittedAt: '2026-01-02T03:04:05.000Z',
  };
}

function sealedRun(of: RunRequest): SealedRun {
  return { format: 1, request: of, status: 'succeeded', stages: {}, endedAt: '2026-01-02T04:04:05.000Z' };
}

/** The rules that every implementation of the stores keeps. Projects are new for each test, so one bench serves all. */
export function describeStores(name: string, make: () => Promise<Bench>): void {
  describe(name, () => {
    let bench: Bench;
    let project: string;
    let count = 0;
    beforeAll(async () => {
      bench = await make();
    });
    beforeEach(() => {
      project = `project-${++count}`;
    });

    describeArtifacts(() => ({ ...bench, project }));
    describeCheckpoints(() => ({ ...bench, project }));
    describeRuns(() => ({ ...bench, project }));
    describeCache(() => ({ ...bench, project }));
    describeLineage(() => ({ ...bench, project }));
  });
}

type Given = () => Bench & { readonly project: string };

function describeArtifacts(given: Given): void {
  const sizes: readonly (readonly [string, number])[] = [
    ['no bytes', 0],
    ['one byte', 1],
    ['exactly one part', 8 * MIB],
    ['one byte more than a part', 8 * MIB + 1],
    ['several parts', 17 * MIB + 12_345],
  ];

  it.each(sizes)('gives back %s as they were, from memory and from a stream', async (_, size) => {
    const { stores, project } = given();
    const content = pattern(size);
    const whole = await stores.artifacts(project).put('model', content);
    const streamed = await stores.artifacts(`${project}-streamed`).put('model', pieces(content, 300_001));
    expect(whole).toEqual({
      type: 'model',
      uri: expect.stringContaining(
        `/p/${project}/blobs/sha256/${sha256(content).slice(0, 2)}/${sha256(content)}`,
      ),
      sha256: sha256(content),
      bytes: size,
      mediaType: 'application/vnd.safetensors',
    });
    expect(streamed.sha256).toBe(whole.sha256);
    // Of any project: a reference carries its address.
    expect(sha256(await stores.artifacts('elsewhere').get(whole))).toBe(whole.sha256);
    expect(sha256(await collect(stores.artifacts('elsewhere').stream(streamed)))).toBe(whole.sha256);
  });

  it('stores equal bytes once, whoever puts them at the same time', async () => {
    const { stores, project } = given();
    const store = stores.artifacts(project);
    const refs = await Promise.all(Array.from({ length: 8 }, () => store.put('document', pattern(1000))));
    expect(new Set(refs.map((ref) => ref.uri)).size).toBe(1);
  });

  it('names an artifact that is not there', async () => {
    const { stores, project, remove } = given();
    const ref = await stores.artifacts(project).put('model', pattern(1000));
    await remove(ref);
    const error = await refusal(stores.artifacts(project).get(ref));
    expect(error).toMatchObject({ code: 'ArtifactMissing', details: { where: ref.uri } });
  });

  it.each([
    [
      'flipped bit',
      (content: Uint8Array) => content.map((byte, i) => (i === 500 ? byte ^ 1 : byte)),
      'sha256 ',
    ],
    ['lost end', (content: Uint8Array) => content.subarray(0, 999), '999 bytes'],
    ['longer end', (content: Uint8Array) => Buffer.concat([content, content]), 'more than 1000 bytes'],
  ])('refuses a %s by object, expected and actual', async (_, harm, actual) => {
    const { stores, project, damage } = given();
    const store = stores.artifacts(project);
    const content = pattern(1000);
    const ref = await store.put('model', content);
    await damage(ref, harm(content));
    for (const read of [() => store.get(ref), () => collect(store.stream(ref))]) {
      const error = await refusal(read());
      expect(error).toMatchObject({ code: 'ArtifactCorrupt', details: { where: ref.uri } });
      expect(error.details.actual).toContain(actual);
    }
  });

  it('puts a shortened artifact right when it is put again', async () => {
    const { stores, project, damage } = given();
    const store = stores.artifacts(project);
    const ref = await store.put('model', pattern(1000));
    await damage(ref, pattern(10));
    await store.put('model', pattern(1000));
    expect(sha256(await store.get(ref))).toBe(ref.sha256);
  });

  it('shows nothing of a stream that fails in the middle', async () => {
    const { stores, project } = given();
    const content = pattern(10 * MIB);
    const failing = async function* (): AsyncIterable<Uint8Array> {
      yield* pieces(content, MIB);
      throw new Error('the source broke');
    };
    await expect(stores.artifacts(project).put('model', failing())).rejects.toThrow('the source broke');
    const { uri } = await stores.artifacts(`${project}-other`).put('model', content);
    const ref: ArtifactRef = {
      type: 'model',
      uri: uri.replace(`${project}-other`, project),
      sha256: sha256(content),
      bytes: content.length,
      mediaType: 'application/vnd.safetensors',
    };
    expect((await refusal(stores.artifacts(project).get(ref))).code).toBe('ArtifactMissing');
  });
}

function describeCheckpoints(given: Given): void {
  const scopeOf = (project: string): StageScope => ({ project, runId: 'run-1', stage: 'train' });

  it('resumes nothing at a first start, and the last checkpoint later', async () => {
    const { stores, project } = given();
    const scope = scopeOf(project);
    const first = await stores.checkpoints.claim(scope, 'worker-1');
    expect([first.epoch, first.previous]).toEqual([1, null]);
    await first.save(10, PROFILE, pattern(100));
    const ref = await first.save(20, PROFILE, pattern(200));
    const second = await stores.checkpoints.claim(scope, 'worker-2');
    expect([second.epoch, second.previous]).toEqual([2, { step: 20, artifact: ref, profile: PROFILE }]);
    expect(await stores.artifacts(project).get(ref)).toEqual(pattern(200));
  });

  it('lets a superseded attempt change nothing', async () => {
    const { stores, project } = given();
    const scope = scopeOf(project);
    const old = await stores.checkpoints.claim(scope, 'worker-1');
    await old.save(10, PROFILE, pattern(100));
    const current = await stores.checkpoints.claim(scope, 'worker-1');
    const error = await refusal(old.save(11, PROFILE, pattern(101)));
    expect(error.code).toBe('CheckpointFenced');
    expect(error.details.where).toContain(`/p/${project}/runs/run-1/stages/train/pointer.json`);
    expect(error.details.actual).toContain('epoch 2');
    await current.save(12, PROFILE, pattern(102));
    expect((await stores.checkpoints.claim(scope, 'worker-1')).previous?.step).toBe(12);
  });

  it('gives sixteen that start at once sixteen epochs, and only the last of them may save', async () => {
    const { stores, project } = given();
    const scope = scopeOf(project);
    const leases = await Promise.all(
      Array.from({ length: 16 }, () => stores.checkpoints.claim(scope, 'the same name')),
    );
    const epochs = leases.map((lease) => lease.epoch).sort((a, b) => a - b);
    expect(epochs).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    const outcomes = await Promise.all(
      leases.map((lease) =>
        lease.save(lease.epoch, PROFILE, pattern(lease.epoch)).then(
          () => `saved ${lease.epoch}`,
          (error: VitrineError) => error.code,
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array<string>(15).fill('CheckpointFenced'), 'saved 16']);
    expect((await stores.checkpoints.claim(scope, 'next')).previous?.step).toBe(16);
  });

  it('keeps the order of saves that overlap', async () => {
    const { stores, project } = given();
    const lease = await stores.checkpoints.claim(scopeOf(project), 'worker');
    await Promise.all([1, 2, 3, 4].map((step) => lease.save(step, PROFILE, pattern(step))));
    expect((await stores.checkpoints.claim(scopeOf(project), 'next')).previous?.step).toBe(4);
  });

  it('lets a stage of another run go on from there when both compute the same, and fences the first', async () => {
    const { stores, project } = given();
    const key = 'c'.repeat(64);
    const dead = await stores.checkpoints.claim({ ...scopeOf(project), key }, 'worker-1');
    await dead.save(10, PROFILE, pattern(100));
    const other = { project, runId: 'run-2', stage: 'again', key };
    const heir = await stores.checkpoints.claim(other, 'worker-2');
    expect([heir.epoch, heir.previous?.step]).toEqual([2, 10]);
    expect((await refusal(dead.save(11, PROFILE, pattern(101)))).code).toBe('CheckpointFenced');
    expect((await stores.checkpoints.claim(scopeOf(project), 'worker-1')).previous).toBeNull();
  });

  it('keeps stages apart', async () => {
    const { stores, project } = given();
    const one = await stores.checkpoints.claim(scopeOf(project), 'worker');
    await stores.checkpoints.claim({ ...scopeOf(project), stage: 'evaluate' }, 'worker');
    await expect(one.save(1, PROFILE, pattern(1))).resolves.toMatchObject({ bytes: 1 });
  });
}

function describeRuns(given: Given): void {
  it('keeps a request and takes the same one again, but no other one', async () => {
    const { stores, project } = given();
    const first = request(project, 'run-1');
    expect(await stores.runs.getRequest(project, 'run-1')).toBeUndefined();
    await stores.runs.putRequest(first);
    await stores.runs.putRequest(first);
    const error = await refusal(stores.runs.putRequest({ ...first, codeVersion: 'other' }));
    expect(error.code).toBe('Conflict');
    expect(error.details.where).toContain(`/p/${project}/runs/run-1/request.json`);
    expect(await stores.runs.getRequest(project, 'run-1')).toEqual(first);
  });

  it('has one winner when different requests race for an id', async () => {
    const { stores, project } = given();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        stores.runs.putRequest({ ...request(project, 'run-1'), codeVersion: `version-${i}` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('seals a run once, with a reference to what is stored', async () => {
    const { stores, project } = given();
    const run = sealedRun(request(project, 'run-1'));
    expect(await stores.runs.getSealed(project, 'run-1')).toBeUndefined();
    const ref = await stores.runs.seal(run);
    expect(await stores.runs.seal(run)).toEqual(ref);
    expect(JSON.parse(Buffer.from(await stores.artifacts(project).get(ref)).toString())).toEqual(run);
    expect(await stores.runs.getSealed(project, 'run-1')).toEqual(run);
    expect((await refusal(stores.runs.seal({ ...run, status: 'failed' }))).code).toBe('Conflict');
  });

  it('refuses a stored document with wrong fields by object and field', async () => {
    const { stores, project, damage } = given();
    const ref = await stores.runs.seal(sealedRun(request(project, 'run-1')));
    await damage(ref, Buffer.from('{"format":2}'));
    const error = await refusal(stores.runs.getSealed(project, 'run-1'));
    expect(error).toMatchObject({ code: 'ArtifactCorrupt', details: { where: ref.uri } });
    expect(error.details.actual).toContain('format: ');
    await damage(ref, Buffer.from('{"format":'));
    expect((await refusal(stores.runs.getSealed(project, 'run-1'))).code).toBe('ArtifactCorrupt');
  });

  it('lists the runs of a project that have a request, over several pages', async () => {
    const { stores, project } = given();
    const ids = Array.from({ length: 7 }, (_, i) => `run-${i}`);
    for (const id of ids) await stores.runs.putRequest(request(project, id));
    await stores.runs.putRequest(request(`${project}-other`, 'run-9'));
    await stores.checkpoints.claim({ project, runId: 'run-without-request', stage: 'train' }, 'worker');
    expect((await stores.runs.listRunIds(project)).sort()).toEqual(ids);
  });
}

function describeCache(given: Given): void {
  const keyOf = (name: string): string => sha256(Buffer.from(name));

  async function entry(name: string, change: { content?: number; stage?: string; at?: string } = {}) {
    const { stores, project } = given();
    const { content = 100, stage = 'train', at = '2026-01-02T03:04:05.000Z' } = change;
    const model = await stores.artifacts(project).put('model', pattern(content));
    return cacheEntrySchema.parse({
      format: 1,
      key: keyOf(name),
      parts: {
        project,
        kind: 'train',
        codeVersion: 'code',
        params: { epochs: 3 },
        seed: 1,
        inputs: {},
        profile: PROFILE,
      },
      from: { runId: `run-${name}`, stage },
      outputs: { model },
      summary: {},
      startedAt: at,
      endedAt: at,
    });
  }

  /** A reference to where an entry lies, for a bench that damages it. */
  function placeOf({ parts, key, outputs }: CacheEntry): ArtifactRef {
    const model = outputs['model'] as ArtifactRef;
    const [bucket = ''] = model.uri.slice('s3://'.length).split('/');
    return { ...model, uri: `s3://${bucket}/${cacheKey(parts.project, key)}` };
  }

  it('keeps the first of equal results, and gives it back', async () => {
    const { stores, project } = given();
    const first = await entry('a');
    expect(await stores.cache.get(project, first.key)).toBeUndefined();
    expect(await stores.cache.put(first)).toBeUndefined();
    const later = { ...first, from: { runId: 'run-later', stage: 'train' } };
    expect(await stores.cache.put(later)).toBeUndefined();
    expect(await stores.cache.get(project, first.key)).toEqual(first);
    expect(await stores.cache.get(`${project}-other`, first.key)).toBeUndefined();
  });

  it('regression for argoproj/argo-workflows#3587 and #15952: keeps entries of more than a MiB, however many there are', async () => {
    const { stores, project } = given();
    const long = { ...(await entry('long')), summary: { text: 'x'.repeat(2 ** 20 + 1) } };
    const others = await Promise.all(Array.from({ length: 50 }, (_, index) => entry(`other-${index}`)));
    await Promise.all([long, ...others].map((one) => stores.cache.put(one)));
    expect(await stores.cache.get(project, long.key)).toEqual(long);
    const recent = await stores.cache.recent({ project, kind: 'train', limit: 100 });
    expect(recent).toHaveLength(others.length + 1);
  });

  it('replaces a result by another one, and says by which it stood before', async () => {
    const { stores, project } = given();
    const first = await entry('a');
    const other = await entry('a', { content: 101 });
    await stores.cache.put(first);
    expect(await stores.cache.put(other)).toEqual(first);
    expect(await stores.cache.get(project, first.key)).toEqual(other);
  });

  it('has one result of many that are stored at once', async () => {
    const { stores, project } = given();
    const entries = await Promise.all([1, 2, 3, 4].map((content) => entry('a', { content })));
    await Promise.all(entries.map((one) => stores.cache.put(one)));
    const kept = await stores.cache.get(project, keyOf('a'));
    expect(entries).toContainEqual(kept);
  });

  it('refuses an entry that is none any more, and takes a new one in its place', async () => {
    const { stores, project, damage } = given();
    const first = await entry('a');
    await stores.cache.put(first);
    await damage(placeOf(first), Buffer.from('{'));
    expect((await refusal(stores.cache.get(project, first.key))).code).toBe('ArtifactCorrupt');
    expect(await stores.cache.recent({ project, kind: 'train', limit: 9 })).toEqual([]);
    expect(await stores.cache.put(first)).toBeUndefined();
    expect(await stores.cache.get(project, first.key)).toEqual(first);
  });

  it('lists the newest results of a kind, or of a kind and stage', async () => {
    const { stores, project } = given();
    for (const [name, stage, second] of [
      ['a', 'train', 1],
      ['b', 'train', 3],
      ['c', 'train-2', 2],
    ] as const)
      await stores.cache.put(await entry(name, { stage, at: `2026-01-01T00:00:0${second}.000Z` }));
    const names = async (stage?: string, limit = 9): Promise<string[]> => {
      const of = { project, kind: 'train', limit, ...(stage !== undefined && { stage }) };
      return (await stores.cache.recent(of)).map(({ from }) => from.runId);
    };
    expect(await names('train')).toEqual(['run-b', 'run-a']);
    expect(await names()).toEqual(['run-b', 'run-c', 'run-a']);
    expect(await names(undefined, 2)).toEqual(['run-b', 'run-c']);
  });

  it('says which output is not what it was, and lets it be written again', async () => {
    const { stores, project, damage, remove } = given();
    const { outputs } = await entry('a');
    const model = outputs['model'] as ArtifactRef;
    expect(await stores.cache.damage(project, outputs)).toBeUndefined();
    // Of the right length: such a one a put would take for what it is to write.
    await damage(
      model,
      pattern(100).map((byte) => byte ^ 1),
    );
    expect(await stores.cache.damage(project, outputs)).toMatch(
      /^output model is damaged: s3:.*, expected sha256 [0-9a-f]{64}, got sha256 [0-9a-f]{64}$/,
    );
    await stores.cache.mend(project, outputs);
    expect(await stores.cache.damage(project, outputs)).toBe(`output model is missing: ${model.uri}`);
    await stores.artifacts(project).put('model', pattern(100));
    expect(await stores.cache.damage(project, outputs)).toBeUndefined();
    await stores.cache.mend(project, outputs);
    expect(await stores.cache.damage(project, outputs)).toBeUndefined();
    await remove(model);
    expect(await stores.cache.damage(project, outputs)).toBe(`output model is missing: ${model.uri}`);
  });
}

function describeLineage(given: Given): void {
  it('finds who made and who used the same bytes, in every run that computed', async () => {
    const { stores, project } = given();
    const artifact = (name: string) => stores.artifacts(project).put('document', Buffer.from(name));
    const [first, second] = [await artifact('first'), await artifact('second')];
    const spec = parsePipelineSpec({
      version: 1,
      name: 'two',
      stages: {
        one: { kind: 'noop' },
        two: { kind: 'noop', inputs: { after: { a: 'one.done', b: 'one.done' } } },
      },
    });
    const status = { kind: 'noop' as const, pool: 'default', needs: [], state: 'succeeded' as const };
    const run = (runId: string, found: boolean): SealedRun => {
      const cache = found
        ? { cache: { outcome: 'hit' as const, from: { runId: 'run-1', stage: 'one' } } }
        : {};
      return {
        ...sealedRun({ ...request(project, runId), spec }),
        stages: {
          one: { ...status, outputs: { done: first }, ...cache },
          two: { ...status, outputs: { done: second } },
        },
      };
    };
    expect(await stores.lineage.edges(project, first.sha256)).toEqual({ made: [], used: [] });
    for (const sealed of [run('run-1', false), run('run-2', true), run('run-1', false)])
      await stores.lineage.record(sealed);
    expect(await stores.lineage.edges(project, first.sha256)).toEqual({
      made: [{ runId: 'run-1', stage: 'one' }],
      used: [
        { runId: 'run-1', stage: 'two' },
        { runId: 'run-2', stage: 'two' },
      ],
    });
    expect((await stores.lineage.edges(project, second.sha256)).made).toHaveLength(2);
    expect(await stores.lineage.edges(`${project}-other`, first.sha256)).toEqual({ made: [], used: [] });
  });
}
