/**
 * Test sets for classifiers of CIFAR-10 as their authors publish them, in files of NumPy: CIFAR-10-C (Hendrycks & Dietterich, ICLR
 * 2019), five severities of each corruption after each other, and CIFAR-10.1 (Recht, Roelofs, Schmidt & Shankar, 2018).
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { shiftedDatasetSchema, type DatasetName } from '@vitrine/contracts';
import { CHANNELS, CLASS_NAMES, PIXEL_BYTES, SIZE, type Split } from './cifar10-format.js';
import type { ImageSet } from './datasets.js';
import { corrupt, NpyFile } from './npy.js';

/** Images of each severity of CIFAR-10-C: the test set. */
export const CORRUPTED_IMAGES = 10_000;
const SEVERITIES = 5;
/** Of CIFAR-10.1's versions 6 and 4. */
const NEW_IMAGES = [2000, 2021];

interface Wanted {
  readonly name: DatasetName;
  readonly limit?: number | undefined;
}

/** Whether a name is one of these sets. */
export const isShifted = (name: DatasetName): boolean => shiftedDatasetSchema.safeParse(name).success;

/**
 * @param images of each severity of CIFAR-10-C
 * @throws VitrineError DatasetMissing, DatasetCorrupt naming the file and what is wrong with it
 */
export async function loadShifted(
  dataDir: string,
  { name, limit }: Wanted,
  images = CORRUPTED_IMAGES,
): Promise<ImageSet> {
  const [, corruption = '', severity] = /^cifar10-c:([a-z_]+):([1-5])$/.exec(name) ?? [];
  if (severity === undefined) return newTestSet(join(dataDir, 'cifar10.1'), { name, limit });
  const folder = join(dataDir, 'CIFAR-10-C');
  const labels = await labelsOf(join(folder, 'labels.npy'), [SEVERITIES * images]);
  const odd = labels.findIndex((label, at) => label !== labels[at % images]);
  if (odd >= 0)
    throw corrupt(join(folder, 'labels.npy'), 'the same labels for each severity', `another one at ${odd}`);
  const path = join(folder, `${corruption}.npy`);
  return NpyFile.with(path, (pixels) => {
    pixels.demandBytes([SEVERITIES * images, SIZE, SIZE, CHANNELS]);
    const first = (Number(severity) - 1) * images;
    return imageSet(pixels, { name, first, labels: labels.slice(0, Math.min(limit ?? images, images)) });
  });
}

async function newTestSet(folder: string, { name, limit }: Wanted): Promise<ImageSet> {
  const file = (version: string, what: string): string => join(folder, `cifar10.1_${version}_${what}.npy`);
  const labels = await labelsOf(file('v6', 'labels'), NEW_IMAGES);
  return NpyFile.with(file('v6', 'data'), (pixels) => {
    pixels.demandBytes([labels.length, SIZE, SIZE, CHANNELS]);
    return imageSet(pixels, { name, first: 0, labels: labels.slice(0, limit) });
  });
}

async function labelsOf(path: string, counts: readonly number[]): Promise<number[]> {
  const labels = await NpyFile.with(path, (array) => array.numbers());
  if (!counts.includes(labels.length))
    throw corrupt(path, `${counts.join(' or ')} labels`, `${labels.length}`);
  const impossible = labels.findIndex((label) => label < 0 || label >= CLASS_NAMES.length);
  if (impossible < 0) return labels;
  throw corrupt(path, `labels from 0 to ${CLASS_NAMES.length - 1}`, `${labels[impossible]} at ${impossible}`);
}

/** Its pixels with the channels first, as records of CIFAR-10 have them; the digest is of such records. */
async function imageSet(
  array: NpyFile,
  { name, first, labels }: { readonly name: DatasetName; readonly first: number; readonly labels: number[] },
): Promise<ImageSet> {
  const bytes = await array.bytes(first, labels.length);
  const pixels = new Uint8Array(new SharedArrayBuffer(bytes.length));
  const plane = SIZE * SIZE;
  const hash = createHash('sha256');
  labels.forEach((label, image) => {
    const record = image * PIXEL_BYTES;
    for (let at = 0; at < PIXEL_BYTES; at++)
      pixels[record + at] = bytes[record + (at % plane) * CHANNELS + Math.floor(at / plane)] ?? 0;
    hash.update(Uint8Array.of(label)).update(pixels.subarray(record, record + PIXEL_BYTES));
  });
  const kept = new Uint8Array(new SharedArrayBuffer(labels.length));
  kept.set(labels);
  return {
    ...{ name, split: 'test' satisfies Split, count: labels.length, channels: CHANNELS, size: SIZE },
    ...{ pixels, labels: kept, classNames: CLASS_NAMES, sha256: hash.digest('hex') },
  };
}
