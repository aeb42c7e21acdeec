import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VitrineError } from '@vitrine/contracts';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PIXEL_BYTES, RECORD_BYTES } from './cifar10-format.js';
import { createDatasets } from './create-datasets.js';
import { loadRecords } from './load-records.js';
import { sampleManifestSchema, unpackSample } from './sample.js';
import { TINY_LAYOUT, tinyRecords, writeTinyCifar10 } from './testing/tiny-cifar10.js';

const sampleDir = fileURLToPath(new URL('../../../../infra/samples/cifar10', import.meta.url));
/** Unpacked once for the specs that only read it. */
const shared = mkdtempSync(join(tmpdir(), 'vitrine-sample-'));
afterAll(() => rmSync(shared, { recursive: true }));
// Unpacking decodes 4.9 million pixels.
vi.setConfig({ testTimeout: 30_000 });
let root: string;
let dataDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-datasets-'));
  dataDir = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function refusal(action: Promise<unknown>): Promise<VitrineError> {
  return action.then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );
}

function sha256(...parts: Uint8Array[]): string {
  return createHash('sha256').update(Buffer.concat(parts)).digest('hex');
}

describe('the sample that ships with the project', () => {
  const manifest = sampleManifestSchema.parse(
    JSON.parse(readFileSync(join(sampleDir, 'manifest.json'), 'utf8')),
  );

  it('has 383 training images of each class and 932 test images, in 8,000,000 bytes', async () => {
    const datasets = createDatasets({ sampleDir, dataDir: shared });
    const train = await datasets.load('cifar10-sample', 'train');
    const test = await datasets.load('cifar10-sample', 'test');
    const ofClass = Array.from(
      { length: 10 },
      (_, label) => train.labels.filter((each) => each === label).length,
    );
    expect(ofClass).toEqual(Array(10).fill(383));
    expect([train.count, train.pixels.length, test.count]).toEqual([3830, 3830 * PIXEL_BYTES, 932]);
    expect([train.sha256, test.sha256]).toEqual([manifest.splits.train.sha256, manifest.splits.test.sha256]);
    expect(train.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    const bytes = readdirSync(sampleDir).reduce((sum, name) => sum + statSync(join(sampleDir, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(8_000_000);
  });

  it('holds images whose bytes are known from elsewhere', async () => {
    // The first image of the official training set, a frog: its first red pixels, printed in many tutorials.
    const { pixels, labels, classNames } = await createDatasets({ sampleDir, dataDir: shared }).load(
      'cifar10-sample',
      'train',
      1,
    );
    expect(classNames[labels[0] ?? 0]).toBe('frog');
    expect([...pixels.slice(0, 3)]).toEqual([59, 43, 50]);
  });

  it('does not train on what it tests on', async () => {
    const datasets = createDatasets({ sampleDir, dataDir: shared });
    const digests = async (split: 'train' | 'test'): Promise<string[]> => {
      const { pixels, count } = await datasets.load('cifar10-sample', split);
      return Array.from({ length: count }, (_, i) =>
        sha256(pixels.slice(i * PIXEL_BYTES, (i + 1) * PIXEL_BYTES)),
      );
    };
    const train = new Set(await digests('train'));
    expect((await digests('test')).filter((digest) => train.has(digest))).toEqual([]);
  });

  it('is unpacked once, whoever asks at the same time, and leaves nothing half done', async () => {
    const sets = await Promise.all(
      Array.from({ length: 4 }, () =>
        createDatasets({ sampleDir, dataDir }).load('cifar10-sample', 'test', 10),
      ),
    );
    expect(new Set(sets.map((set) => set.sha256)).size).toBe(1);
    const folders = readdirSync(join(dataDir, 'cifar10-sample'));
    expect(folders).toHaveLength(1);
    expect(readdirSync(join(dataDir, 'cifar10-sample', folders[0] ?? '')).sort()).toEqual([
      'data_batch_1.bin',
      'test_batch.bin',
    ]);
  });

  it('removes what a killed process left long ago', async () => {
    const [old, recent] = ['old', 'recent'].map((name) =>
      join(dataDir, 'cifar10-sample', `.partial-${2 ** 22 + 1}-${name}`),
    );
    if (old === undefined || recent === undefined) throw new Error('no paths');
    for (const folder of [old, recent]) mkdirSync(folder, { recursive: true });
    utimesSync(old, 0, 0);
    await unpackSample({ sampleDir, dataDir });
    expect([existsSync(old), existsSync(recent)]).toEqual([false, true]);
  });

  it('is unpacked again when a file was cut, and refused when a byte was changed', async () => {
    const datasets = createDatasets({ sampleDir, dataDir });
    const { folder } = await unpackSample({ sampleDir, dataDir });
    const path = join(folder, 'test_batch.bin');
    const whole = readFileSync(path);
    truncateSync(path, 100);
    await datasets.load('cifar10-sample', 'test');
    expect(readFileSync(path).equals(whole)).toBe(true);
    whole[5] = (whole[5] ?? 0) ^ 1;
    writeFileSync(path, whole);
    const error = await refusal(datasets.load('cifar10-sample', 'test'));
    expect(error).toMatchObject({ code: 'DatasetCorrupt', details: { where: path } });
  });

  it('is refused by the sheet that is not what was committed', async () => {
    const copy = join(root, 'sample');
    cpSync(sampleDir, copy, { recursive: true });
    const sheet = join(copy, 'train-2.webp');
    truncateSync(sheet, 1000);
    const error = await refusal(createDatasets({ sampleDir: copy, dataDir }).load('cifar10-sample', 'test'));
    expect(error).toMatchObject({ code: 'DatasetCorrupt', details: { where: sheet } });
    expect(readdirSync(join(dataDir, 'cifar10-sample'))).toEqual([]);
    rmSync(sheet);
    expect(
      (await refusal(createDatasets({ sampleDir: copy, dataDir }).load('cifar10-sample', 'test'))).code,
    ).toBe('DatasetMissing');
  });

  it('is refused by the field of a manifest that is wrong', async () => {
    const copy = join(root, 'sample');
    mkdirSync(copy);
    const path = join(copy, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...manifest, tile: { ...manifest.tile, size: 28 } }));
    const error = await refusal(unpackSample({ sampleDir: copy, dataDir }));
    expect(error).toMatchObject({ code: 'DatasetCorrupt', details: { where: path } });
    expect(error.details.actual).toContain('tile.size: ');
  });
});

describe('a folder of records', () => {
  const tiny = () => ({ name: 'cifar10' as const, folder: dataDir, layout: TINY_LAYOUT });
  beforeEach(() => writeTinyCifar10(dataDir));

  it('is read in the order of its files', async () => {
    const { count, labels, pixels, sha256: digest } = await loadRecords(tiny(), 'train');
    const records = Buffer.concat([tinyRecords(0, 5), tinyRecords(1, 4)]);
    expect([count, [...labels]]).toEqual([9, [0, 1, 2, 3, 4, 1, 2, 3, 4]]);
    expect(Buffer.from(pixels.slice(6 * PIXEL_BYTES, 7 * PIXEL_BYTES))).toEqual(
      records.subarray(6 * RECORD_BYTES + 1, 7 * RECORD_BYTES),
    );
    expect(digest).toBe(sha256(records));
  });

  it('is read up to a limit across files, and not beyond what there is', async () => {
    const some = await loadRecords(tiny(), 'train', 7);
    expect([some.count, [...some.labels]]).toEqual([7, [0, 1, 2, 3, 4, 1, 2]]);
    expect(some.sha256).toBe(sha256(tinyRecords(0, 5), tinyRecords(1, 4).subarray(0, 2 * RECORD_BYTES)));
    expect((await loadRecords(tiny(), 'test', 100)).count).toBe(3);
  });

  it.each([
    ['short', 2 * RECORD_BYTES + 17, 2 * RECORD_BYTES + 17],
    ['long', 3 * RECORD_BYTES + 1, 3 * RECORD_BYTES],
    ['empty', 0, 0],
  ])('with a file that is too %s is refused by name and offset', async (_, length, offset) => {
    const path = join(dataDir, 'test_batch.bin');
    truncateSync(path, length);
    expect(await refusal(loadRecords(tiny(), 'test'))).toMatchObject({
      code: 'DatasetCorrupt',
      details: { where: `${path}, byte ${offset}`, actual: `${length} bytes` },
    });
  });

  it('with label 10 is refused by name and offset', async () => {
    const path = join(dataDir, 'data_batch_2.bin');
    const content = tinyRecords(1, 4);
    content[3 * RECORD_BYTES] = 10;
    writeFileSync(path, content);
    expect(await refusal(loadRecords(tiny(), 'train'))).toMatchObject({
      code: 'DatasetCorrupt',
      details: { where: `${path}, byte ${3 * RECORD_BYTES}`, expected: 'a label from 0 to 9', actual: '10' },
    });
  });

  it('that cannot be read is told by file', async () => {
    const path = join(dataDir, 'test_batch.bin');
    rmSync(path);
    mkdirSync(path);
    expect(await refusal(loadRecords(tiny(), 'test'))).toMatchObject({
      code: 'DatasetCorrupt',
      details: { where: path, actual: 'EISDIR' },
    });
  });

  it('that is not there is told with what to do', async () => {
    const error = await refusal(createDatasets({ sampleDir, dataDir }).load('cifar10', 'test'));
    expect(error.code).toBe('DatasetMissing');
    expect(error.details.where).toBe(join(dataDir, 'cifar10/test_batch.bin'));
    expect(error.toView().hint).toContain('vitrine data');
  });
});
