import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { filesOf, RECORD_BYTES, type Layout } from '../cifar10-format.js';

/** The official layout with few records, so that specs stay small. */
export const TINY_LAYOUT: Layout = {
  train: [
    { name: 'data_batch_1.bin', records: 5 },
    { name: 'data_batch_2.bin', records: 4 },
  ],
  test: [{ name: 'test_batch.bin', records: 3 }],
};

/** Record `i` has label `(seed + i) % 10`; its bytes do not compress, so that an archive has a length worth breaking. */
export function tinyRecords(seed: number, records: number): Buffer {
  const content = Buffer.alloc(records * RECORD_BYTES);
  let state = seed + 1;
  for (let i = 0; i < content.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    content[i] = i % RECORD_BYTES === 0 ? (seed + i / RECORD_BYTES) % 10 : state >>> 24;
  }
  return content;
}

export function writeTinyCifar10(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [seed, { name, records }] of filesOf(TINY_LAYOUT).entries())
    writeFileSync(join(folder, name), tinyRecords(seed, records));
}

/** An archive as the official one: the files in one folder, beside a readme. */
export async function tinyArchive(workDir: string): Promise<{ content: Buffer; md5: string }> {
  const inner = 'cifar-10-batches-bin';
  writeTinyCifar10(join(workDir, inner));
  writeFileSync(join(workDir, inner, 'readme.html'), '<html></html>');
  const file = join(workDir, 'archive.tar.gz');
  await create({ file, cwd: workDir, gzip: true, portable: true }, [inner]);
  const content = readFileSync(file);
  return { content, md5: createHash('md5').update(content).digest('hex') };
}
