import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VitrineError } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PIXEL_BYTES } from './cifar10-format.js';
import { createDatasets } from './create-datasets.js';
import { loadShifted } from './shifted-cifar10.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'vitrine-shifted-'));
  mkdirSync(join(dataDir, 'CIFAR-10-C'));
  mkdirSync(join(dataDir, 'cifar10.1'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** As `np.save` writes version 1 of the format. */
function npy(type: string, shape: readonly number[], bytes: Uint8Array): Buffer {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([head, header, bytes]);
}

const put = (name: string, content: Uint8Array): void => writeFileSync(join(dataDir, name), content);
/** Pixel `at` of image `i` is i + 7 at. */
const pictures = (count: number): Uint8Array =>
  Uint8Array.from(
    { length: count * PIXEL_BYTES },
    (_, at) => Math.floor(at / PIXEL_BYTES) + 7 * (at % PIXEL_BYTES),
  );
const longs = (values: readonly number[]): Buffer =>
  Buffer.from(BigInt64Array.from(values, (value) => BigInt(value)).buffer);

function corrupted(labels: readonly number[], images = 3): void {
  put('CIFAR-10-C/labels.npy', npy('|u1', [labels.length], Uint8Array.from(labels)));
  put('CIFAR-10-C/fog.npy', npy('|u1', [5 * images, 32, 32, 3], pictures(5 * images)));
}
const repeated = Array.from({ length: 15 }, (_, at) => [4, 9, 0][at % 3] ?? 0);

const refusal = (name: string, images = 3): Promise<VitrineError> =>
  loadShifted(dataDir, { name: name }, images).then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );

describe('CIFAR-10-C in files of NumPy', () => {
  it('gives the images of one severity, channels first, with their labels', async () => {
    corrupted(repeated);
    const set = await loadShifted(dataDir, { name: 'cifar10-c:fog:2', limit: 2 }, 3);
    expect([...set.labels]).toEqual([4, 9]);
    // Severity 2 begins at the fourth image; its second pixel's red is byte 3 of the file's image.
    expect(set.pixels[0]).toBe(3);
    expect(set.pixels[1]).toBe((3 + 7 * 3) % 256);
    expect(set.pixels[1024]).toBe((3 + 7) % 256);
    expect(set.pixels).toHaveLength(2 * PIXEL_BYTES);
  });

  it('refuses labels that are not the same for each severity, files of another shape, and files that are cut', async () => {
    corrupted([...repeated.slice(0, 14), 1]);
    expect(await refusal('cifar10-c:fog:1')).toMatchObject({
      code: 'DatasetCorrupt',
      details: { expected: 'the same labels for each severity', actual: 'another one at 14' },
    });
    corrupted(repeated);
    put('CIFAR-10-C/fog.npy', npy('|u1', [15, 32, 32, 1], new Uint8Array(15 * 1024)));
    expect((await refusal('cifar10-c:fog:1')).details.expected).toBe('bytes of shape 15 × 32 × 32 × 3');
    put('CIFAR-10-C/fog.npy', npy('|u1', [15, 32, 32, 3], new Uint8Array(10)));
    expect((await refusal('cifar10-c:fog:1')).details.actual).toMatch(/ bytes$/);
    put('CIFAR-10-C/fog.npy', Buffer.from('PK no array at all'));
    expect((await refusal('cifar10-c:fog:1')).details.expected).toContain('np.save');
  });

  it('refuses a test set of another size, and says which file is not there', async () => {
    corrupted(repeated);
    expect(await refusal('cifar10-c:fog:1', 10_000)).toMatchObject({
      details: { expected: '50000 labels', actual: '15' },
    });
    expect(await refusal('cifar10-c:snow:1')).toMatchObject({
      code: 'DatasetMissing',
      details: { where: join(dataDir, 'CIFAR-10-C/snow.npy') },
    });
  });
});

describe('CIFAR-10.1', () => {
  const labels = Array.from({ length: 2000 }, (_, image) => image % 10);

  it('is read among the data sets of the machine, as a test set alone', async () => {
    put('cifar10.1/cifar10.1_v6_labels.npy', npy('<i8', [2000], longs(labels)));
    put('cifar10.1/cifar10.1_v6_data.npy', npy('|u1', [2000, 32, 32, 3], pictures(2000)));
    const datasets = createDatasets({ dataDir, sampleDir: '/nowhere' });
    const set = await datasets.load('cifar10.1', 'test', 20);
    expect([...set.labels.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect(set).toMatchObject({ count: 20, split: 'test', size: 32 });
    await expect(datasets.load('cifar10.1', 'train')).rejects.toMatchObject({
      code: 'DatasetMissing',
    });
  });

  it('refuses impossible labels by their place', async () => {
    put('cifar10.1/cifar10.1_v6_labels.npy', npy('<i8', [2000], longs([...labels.slice(0, 1999), 10])));
    expect((await refusal('cifar10.1')).details.actual).toBe('10 at 1999');
  });
});
