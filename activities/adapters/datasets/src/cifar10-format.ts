import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VitrineError } from '@vitrine/contracts';

/** CIFAR-10's binary form: one label byte, then 1,024 red, 1,024 green and 1,024 blue bytes, row by row. */
export const SIZE = 32;
export const CHANNELS = 3;
export const PIXEL_BYTES = CHANNELS * SIZE * SIZE;
export const RECORD_BYTES = 1 + PIXEL_BYTES;

export const CLASS_NAMES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

export type Split = 'train' | 'test';

export interface RecordFile {
  readonly name: string;
  readonly records: number;
}

/** Which files make up each split, in order. */
export type Layout = Readonly<Record<Split, readonly RecordFile[]>>;

export const OFFICIAL_LAYOUT: Layout = {
  train: [1, 2, 3, 4, 5].map((batch) => ({ name: `data_batch_${batch}.bin`, records: 10_000 })),
  test: [{ name: 'test_batch.bin', records: 10_000 }],
};

export function filesOf(layout: Layout): readonly RecordFile[] {
  return [...layout.train, ...layout.test];
}

/** Whether all files of a layout are there in full length. */
export async function hasAllFiles(folder: string, layout: Layout): Promise<boolean> {
  const lengths = await Promise.all(
    filesOf(layout).map((file) =>
      stat(join(folder, file.name)).then(
        ({ size }) => size === file.records * RECORD_BYTES,
        () => false,
      ),
    ),
  );
  return lengths.every(Boolean);
}

/**
 * Checks a whole file of records.
 * @throws VitrineError DatasetCorrupt naming the file, the offset of the first wrong byte, and what was expected there
 */
export function checkRecords(path: string, content: Uint8Array, records: number): void {
  const expected = records * RECORD_BYTES;
  if (content.length !== expected)
    throw new VitrineError('DatasetCorrupt', 'A file of records has a wrong length.', {
      where: `${path}, byte ${Math.min(content.length, expected)}`,
      expected: `${expected} bytes, ${records} records of ${RECORD_BYTES}`,
      actual: `${content.length} bytes`,
    });
  for (let offset = 0; offset < content.length; offset += RECORD_BYTES) {
    const label = content[offset];
    if (label === undefined || label >= CLASS_NAMES.length)
      throw new VitrineError('DatasetCorrupt', 'A record has an impossible label.', {
        where: `${path}, byte ${offset}`,
        expected: `a label from 0 to ${CLASS_NAMES.length - 1}`,
        actual: String(label),
      });
  }
}
