import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitrineError, type DatasetName } from '@vitrine/contracts';
import {
  CHANNELS,
  checkRecords,
  CLASS_NAMES,
  PIXEL_BYTES,
  RECORD_BYTES,
  SIZE,
  type Layout,
  type Split,
} from './cifar10-format.js';
import type { ImageSet } from './datasets.js';

export interface RecordFolder {
  readonly name: DatasetName;
  readonly folder: string;
  readonly layout: Layout;
  /** sha256 over all records of each split, where it is known. */
  readonly digests?: Readonly<Record<Split, string>>;
}

/**
 * Reads one split of a folder in CIFAR-10's binary form, or its first `limit` images. Files that are not needed are not
 * read; those that are, are checked whole.
 * @throws VitrineError DatasetMissing, DatasetCorrupt
 */
export async function loadRecords(
  { name, folder, layout, digests }: RecordFolder,
  split: Split,
  limit?: number,
): Promise<ImageSet> {
  const available = layout[split].reduce((sum, file) => sum + file.records, 0);
  const count = Math.min(limit ?? available, available);
  const pixels = new Uint8Array(new SharedArrayBuffer(count * PIXEL_BYTES));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  const hash = createHash('sha256');
  let done = 0;
  for (const file of layout[split]) {
    if (done === count) break;
    const path = join(folder, file.name);
    const content = await readRecordFile(path);
    checkRecords(path, content, file.records);
    const taken = Math.min(file.records, count - done);
    hash.update(content.subarray(0, taken * RECORD_BYTES));
    for (let i = 0; i < taken; i++) {
      const start = i * RECORD_BYTES;
      labels[done + i] = content[start] ?? 0;
      pixels.set(content.subarray(start + 1, start + RECORD_BYTES), (done + i) * PIXEL_BYTES);
    }
    done += taken;
  }
  const sha256 = hash.digest('hex');
  if (digests && count === available && sha256 !== digests[split])
    throw new VitrineError('DatasetCorrupt', 'A data set is not what was unpacked.', {
      where: layout[split].map((file) => join(folder, file.name)).join(', '),
      expected: `sha256 ${digests[split]}`,
      actual: `sha256 ${sha256}`,
      hint: 'Remove the named file; it is unpacked again at the next use.',
    });
  return {
    name,
    split,
    count,
    channels: CHANNELS,
    size: SIZE,
    pixels,
    labels,
    classNames: CLASS_NAMES,
    sha256,
  };
}

async function readRecordFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const absent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new VitrineError(
      absent ? 'DatasetMissing' : 'DatasetCorrupt',
      absent ? 'A data set is not on this machine.' : 'A file of a data set cannot be read.',
      { where: path, expected: 'a file of CIFAR-10 records', actual: absent ? 'no such file' : code, cause },
    );
  }
}
