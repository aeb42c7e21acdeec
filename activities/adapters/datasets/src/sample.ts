import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatIssues, sha256Schema, VitrineError } from '@vitrine/contracts';
import sharp from 'sharp';
import { z } from 'zod';
import {
  CHANNELS,
  CLASS_NAMES,
  hasAllFiles,
  RECORD_BYTES,
  SIZE,
  type Layout,
  type Split,
} from './cifar10-format.js';
import { publishFiles } from './disk.js';

const splitSchema = z
  .strictObject({
    count: z.int().min(1),
    /** Over the records in official form. */
    sha256: sha256Schema,
    sheets: z
      .array(z.strictObject({ file: z.string().regex(/^[\w-]+\.webp$/), sha256: sha256Schema }))
      .min(1),
    /** One digit for each image. */
    labels: z.string().regex(/^\d+$/),
    /** Of each image in the official release. */
    indices: z.array(z.int().min(0)),
  })
  .refine(
    ({ count, labels, indices }) => labels.length === count && indices.length === count,
    'expected as many labels and indices as count says',
  );

export const sampleManifestSchema = z.strictObject({
  format: z.literal(1),
  source: z.strictObject({ name: z.string(), authors: z.string(), reference: z.string(), home: z.url() }),
  classNames: z.tuple(CLASS_NAMES.map((name) => z.literal(name)) as [z.ZodLiteral, ...z.ZodLiteral[]]),
  tile: z.strictObject({
    size: z.literal(SIZE),
    channels: z.literal(CHANNELS),
    columns: z.int().min(1),
    rows: z.int().min(1),
  }),
  splits: z.strictObject({ train: splitSchema, test: splitSchema }),
});

export type SampleManifest = z.infer<typeof sampleManifestSchema>;

const FILE: Readonly<Record<Split, string>> = { train: 'data_batch_1.bin', test: 'test_batch.bin' };

export interface SampleFolders {
  /** Contact sheets and manifest, as committed. */
  readonly sampleDir: string;
  readonly dataDir: string;
}

export interface UnpackedSample {
  readonly folder: string;
  readonly layout: Layout;
  readonly digests: Readonly<Record<Split, string>>;
}

/**
 * The sample in CIFAR-10's binary form, unpacked at first use into `<dataDir>/cifar10-sample/<digest>`, so that clones with
 * different samples share a data folder.
 * @throws VitrineError DatasetMissing, DatasetCorrupt, DiskFull, InvalidConfig
 */
export async function unpackSample({ sampleDir, dataDir }: SampleFolders): Promise<UnpackedSample> {
  const manifest = await readManifest(sampleDir);
  const { train, test } = manifest.splits;
  const digest = createHash('sha256').update(`${train.sha256} ${test.sha256}`).digest('hex').slice(0, 16);
  const folder = join(dataDir, 'cifar10-sample', digest);
  const layout = {
    train: [{ name: FILE.train, records: train.count }],
    test: [{ name: FILE.test, records: test.count }],
  };
  if (!(await hasAllFiles(folder, layout)))
    await publishFiles(folder, async (partial) => {
      for (const split of ['train', 'test'] as const)
        await writeFile(join(partial, FILE[split]), await decodeSplit(sampleDir, manifest, split));
    });
  return { folder, layout, digests: { train: train.sha256, test: test.sha256 } };
}

async function readManifest(sampleDir: string): Promise<SampleManifest> {
  const path = join(sampleDir, 'manifest.json');
  const text = (await readPart(path)).toString('utf8');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, {
      expected: 'a JSON document',
      actual: `${text.length} characters that are not`,
      cause,
    });
  }
  const result = sampleManifestSchema.safeParse(document);
  if (!result.success)
    throw corrupt(path, { expected: 'a manifest', actual: formatIssues(result.error.issues, document) });
  return result.data;
}

async function decodeSplit(sampleDir: string, manifest: SampleManifest, split: Split): Promise<Buffer> {
  const { count, labels, sheets, sha256 } = manifest.splits[split];
  const records = Buffer.alloc(count * RECORD_BYTES);
  for (let i = 0; i < count; i++) records[i * RECORD_BYTES] = Number(labels[i]);
  let first = 0;
  for (const sheet of sheets)
    first += await decodeSheet(join(sampleDir, sheet.file), { manifest, sheet, records, first });
  const actual = digestOf(records);
  if (actual !== sha256)
    throw corrupt(sampleDir, { expected: `${split} records with sha256 ${sha256}`, actual });
  return records;
}

interface SheetTask {
  readonly manifest: SampleManifest;
  readonly sheet: { readonly sha256: string };
  /** Receives the pixels. */
  readonly records: Buffer;
  /** The record that the first tile belongs to. */
  readonly first: number;
}

/** Number of tiles taken. */
async function decodeSheet(path: string, { manifest, sheet, records, first }: SheetTask): Promise<number> {
  const content = await readPart(path);
  const actual = digestOf(content);
  if (actual !== sheet.sha256)
    throw corrupt(path, { expected: `sha256 ${sheet.sha256}`, actual: `sha256 ${actual}` });
  const { columns, rows } = manifest.tile;
  const { data, info } = await sharp(content).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const width = columns * SIZE;
  if (info.width !== width || info.height !== rows * SIZE || info.channels !== CHANNELS)
    throw corrupt(path, {
      expected: `${width} x ${rows * SIZE} pixels, ${CHANNELS} channels`,
      actual: `${info.width} x ${info.height} pixels, ${info.channels} channels`,
    });
  const tiles = Math.min(columns * rows, records.length / RECORD_BYTES - first);
  for (let tile = 0; tile < tiles; tile++) {
    const left = (tile % columns) * SIZE;
    const top = Math.floor(tile / columns) * SIZE;
    const start = (first + tile) * RECORD_BYTES + 1;
    for (let i = 0; i < SIZE * SIZE; i++) {
      const at = ((top + Math.floor(i / SIZE)) * width + left + (i % SIZE)) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++)
        records[start + channel * SIZE * SIZE + i] = data[at + channel] ?? 0;
    }
  }
  return tiles;
}

async function readPart(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new VitrineError('DatasetMissing', 'The CIFAR-10 sample is not complete.', {
      where: path,
      expected: 'a file of the sample that ships with Vitrine',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      hint: 'Restore it with `git checkout -- infra/samples/cifar10`.',
      cause,
    });
  }
}

function corrupt(where: string, facts: { expected: string; actual: string; cause?: unknown }): VitrineError {
  return new VitrineError('DatasetCorrupt', 'The CIFAR-10 sample is not what was committed.', {
    where,
    ...facts,
    hint: 'Restore it with `git checkout -- infra/samples/cifar10`.',
  });
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
