import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import {
  parsePipelineSpec,
  type NumericsProfile,
  type RunRequest,
  type VitrineError,
} from '@vitrine/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createS3Client, ensureBucket } from './s3-client.js';
import { createS3Stores, type Stores } from './stores.js';
import { startFaultyProxy, type Fault, type FaultyProxy } from './testing/faulty-proxy.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** Memory of buffers that somebody holds, without what is waiting to be collected. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

const MIB = 2 ** 20;
const PROFILE: NumericsProfile = {
  build: 'test',
  device: 'test',
  threads: 2,
  precision: 'float32',
  execution: 'eager',
};
const settings = inject('s3');
const direct = createS3Client(settings);
const bucket = 'faults';
const scope = { project: 'faults', runId: 'run-1', stage: 'train' };
let proxy: FaultyProxy;
let client: ReturnType<typeof createS3Client>;
let stores: Stores;

beforeAll(() => ensureBucket(direct, bucket));
afterAll(() => direct.destroy());
beforeEach(async () => {
  proxy = await startFaultyProxy(settings.endpoint);
  client = createS3Client({ ...settings, endpoint: proxy.endpoint });
  stores = createS3Stores({ client, bucket });
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
});

/** The fault for the first request that matches; later ones are left alone. */
function once(matches: RegExp, fault: Fault): void {
  let armed = true;
  proxy.plan = ({ method, url }) => {
    if (!armed || !matches.test(`${method} ${url}`)) return 'none';
    armed = false;
    return fault;
  };
}

function times(matches: RegExp): number {
  return proxy.seen.filter((line) => matches.test(line)).length;
}

async function refusal(action: Promise<unknown>): Promise<VitrineError> {
  return action.then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );
}

describe('an answer that was lost after the server had done the work', () => {
  const pointer = /^PUT .*pointer\.json/;

  it('does not cost a claim its epoch', async () => {
    once(pointer, 'lose');
    const lease = await stores.checkpoints.claim({ ...scope, runId: 'lost-claim' }, 'worker');
    expect(times(pointer)).toBe(2);
    expect(lease.epoch).toBe(1);
    await lease.save(1, PROFILE, Buffer.from('one'));
  });

  it('does not fence the attempt that wrote it', async () => {
    const lease = await stores.checkpoints.claim({ ...scope, runId: 'lost-save' }, 'worker');
    once(pointer, 'lose');
    await lease.save(1, PROFILE, Buffer.from('one'));
    await lease.save(2, PROFILE, Buffer.from('two'));
    expect(times(pointer)).toBe(4);
    const next = await stores.checkpoints.claim({ ...scope, runId: 'lost-save' }, 'worker');
    expect([next.epoch, next.previous?.step]).toEqual([2, 2]);
  });

  it('does not make a request conflict with itself', async () => {
    const request: RunRequest = {
      project: 'faults',
      runId: 'lost-request',
      spec: parsePipelineSpec({ version: 1, name: 'tiny', stages: { only: { kind: 'noop' } } }),
      seeds: { only: 7 },
      codeVersion: 'abc',
      submittedAt: '2026-01-02T03:04:05.000Z',
    };
    once(/^PUT .*request\.json/, 'lose');
    await stores.runs.putRequest(request);
    expect(times(/^PUT .*request\.json/)).toBe(2);
    expect(await stores.runs.getRequest('faults', 'lost-request')).toEqual(request);
  });

  it('does not fail an upload in parts at its completion', async () => {
    const content = Buffer.alloc(9 * MIB, 3);
    once(/^POST .*uploadId=/, 'lose');
    const ref = await stores.artifacts('faults').put('model', content);
    expect(times(/^POST .*uploadId=/)).toBeGreaterThan(1);
    expect(content.equals(await stores.artifacts('faults').get(ref))).toBe(true);
  });
});

describe('a connection that breaks in the middle of a download', () => {
  it('is taken up where it broke', async () => {
    const content = Buffer.alloc(12 * MIB);
    for (let i = 0; i < content.length; i += 4) content.writeUInt32LE(i, i);
    const ref = await stores.artifacts('faults').put('model', content);
    let cuts = 0;
    proxy.plan = ({ method }) => (method === 'GET' && cuts++ < 5 ? { cutAfter: 2 * MIB } : 'none');
    expect(content.equals(await stores.artifacts('faults').get(ref))).toBe(true);
    expect(times(/^GET /)).toBe(6);
  });

  it('is taken up for as long as bytes come, however barren the connections before were', async () => {
    const content = Buffer.alloc(12 * MIB, 1);
    const ref = await stores.artifacts('faults').put('model', content);
    const cuts = [0, 0, 0, 2 * MIB];
    proxy.plan = ({ method }) => {
      const cutAfter = method === 'GET' ? cuts.shift() : undefined;
      return cutAfter === undefined ? 'none' : { cutAfter };
    };
    expect(content.equals(await stores.artifacts('faults').get(ref))).toBe(true);
    expect(times(/^GET /)).toBe(5);
  });

  it('is given up, and can be tried again elsewhere, when nothing comes any more', async () => {
    const ref = await stores.artifacts('faults').put('model', Buffer.from('short'));
    proxy.plan = ({ method }) => (method === 'GET' ? { cutAfter: 0 } : 'none');
    const error = await refusal(stores.artifacts('faults').get(ref));
    expect(error).toMatchObject({ code: 'StorageUnavailable', details: { where: ref.uri } });
  });
});

describe('an upload in parts', () => {
  it('that fails leaves neither an object nor parts', async () => {
    const content = Buffer.alloc(30 * MIB, 5);
    const impatient = createS3Client({ ...settings, endpoint: proxy.endpoint, attempts: 1 });
    proxy.plan = ({ url }) => (url?.includes('partNumber=3') ? 'lose' : 'none');
    const store = createS3Stores({ client: impatient, bucket }).artifacts('broken-upload');
    const error = await refusal(store.put('model', content));
    expect(error.code).toBe('StorageUnavailable');
    const uploads = await direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    const objects = await direct.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'p/broken-upload/' }),
    );
    expect([uploads.Uploads ?? [], objects.Contents ?? []]).toEqual([[], []]);
    impatient.destroy();
  });

  it('of a long stream needs memory for a few parts only', async () => {
    const total = 160 * MIB;
    const piece = Buffer.alloc(MIB, 7);
    const hash = createHash('sha256');
    const before = heldBytes();
    let peak = 0;
    const stream = async function* (): AsyncIterable<Uint8Array> {
      for (let sent = 0; sent < total; sent += piece.length) {
        hash.update(piece);
        await Promise.resolve();
        yield piece;
      }
    };
    const sampler = setInterval(() => {
      peak = Math.max(peak, heldBytes() - before);
    }, 10);
    const store = createS3Stores({ client: direct, bucket }).artifacts('faults');
    const ref = await store.put('model', stream());
    clearInterval(sampler);
    expect([ref.bytes, ref.sha256]).toEqual([total, hash.digest('hex')]);
    expect(peak).toBeLessThan(total / 2);
  });

  it('of a stream names the folder it could not be kept in', async () => {
    const homeless = createS3Stores({ client, bucket, spoolDir: '/nowhere' }).artifacts('faults');
    const stream = async function* (): AsyncIterable<Uint8Array> {
      await Promise.resolve();
      yield Buffer.alloc(9 * MIB);
    };
    const error = await refusal(homeless.put('model', stream()));
    expect(error.details).toMatchObject({ where: '/nowhere', actual: 'ENOENT' });
  });
});

describe('a store that cannot be used', () => {
  it('because nobody listens is told by address, and may be tried again', async () => {
    // A port that a server has just left may be given to somebody else; this one is nobody's.
    const away = createS3Client({ ...settings, endpoint: 'http://127.0.0.1:1', attempts: 2 });
    const error = await refusal(createS3Stores({ client: away, bucket }).runs.getRequest('p', 'r'));
    expect(error.code).toBe('StorageUnavailable');
    expect(error.details).toMatchObject({ where: `s3://${bucket}/p/p/runs/r/request.json` });
    expect(error.details.actual).toContain('ECONNREFUSED');
    await expect(ensureBucket(away, bucket)).rejects.toMatchObject({ code: 'StorageUnavailable' });
    away.destroy();
  });

  it.each([
    ['key', { accessKeyId: 'seen-id' }],
    ['secret', { secretAccessKey: 'seen-secret' }],
  ])('because the %s is wrong is told without it', async (_, wrong) => {
    const stranger = createS3Client({ ...settings, ...wrong });
    const refused = createS3Stores({ client: stranger, bucket });
    for (const action of [
      () => refused.runs.getRequest('p', 'r'),
      () => refused.artifacts('p').put('model', Buffer.from('x')),
      () => ensureBucket(stranger, 'other-bucket'),
    ]) {
      const error = await refusal(action());
      expect(error.code).toBe('InvalidConfig');
      expect(error.toView().hint).toContain('AWS_ACCESS_KEY_ID');
      expect(inspect(error, { depth: 10 })).not.toContain('seen-');
    }
    stranger.destroy();
  });

  it('because the bucket does not exist is told by its name', async () => {
    const lost = createS3Stores({ client, bucket: 'no-such-bucket' });
    for (const action of [
      () => lost.artifacts('p').put('model', Buffer.from('x')),
      () => lost.checkpoints.claim(scope, 'worker'),
      () => lost.runs.listRunIds('p'),
    ])
      expect(await refusal(action())).toMatchObject({
        code: 'InvalidConfig',
        details: { where: expect.stringContaining('s3://no-such-bucket/') },
      });
  });
});
