import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactEntry } from '@vitrine/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { findFile } from './find-file.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-find-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = 'a'.repeat(64);
const entry = (output: string, type: 'model' | 'gates', digest: string): ArtifactEntry => ({
  ...{ stage: 'train', output, path: `/artifacts/${output}` },
  artifact: { type, uri: `s3://b/${output}`, sha256: digest, bytes: 3, mediaType: 'x/y' },
});
const artifacts = [entry('model', 'model', sha256), entry('gates', 'gates', 'b'.repeat(64))];
const runs = [{ project: 'default', runId: 'quick-1' }];

const api = {
  list: () => Promise.resolve({ runs } as never),
  artifacts: () => Promise.resolve({ artifacts }),
  artifact: () => Promise.resolve(Uint8Array.of(1, 2, 3)),
  lineage: () =>
    Promise.resolve({
      sha256,
      truncated: false,
      downstream: [],
      upstream: [madeBy('older', []), madeBy('quick-1', [sha256])],
    } as never),
};
const madeBy = (runId: string, digests: string[]) => ({
  ...{ runId, stage: 'train', kind: 'train', seed: 0, codeVersion: 'c', inputs: [] },
  outputs: digests.map((digest) => ({ name: 'model', type: 'model', sha256: digest })),
});

const find = (text: string) => findFile(api, folder, { text, argument: '--model', type: 'model' });

describe('an argument that names an artifact', () => {
  it('may be a file, which is taken as it is', async () => {
    const path = join(folder, 'own.safetensors');
    writeFileSync(path, 'x');
    expect(await find(path)).toBe(path);
  });

  it.each([['last.train.model'], ['default/quick-1.train.model'], [sha256]])('may be %s', async (text) => {
    expect([...readFileSync(await find(text))]).toEqual([1, 2, 3]);
  });

  it.each([
    ['nosuch', 'InvalidRequest', 'There is no such file, and it names no artifact.'],
    ['folder/nosuch.png', 'InvalidRequest', 'There is no such file, and it names no artifact.'],
    ['last.train.nosuch', 'NotFound', 'The run has no such output.'],
    ['last.train.gates', 'InvalidRequest', 'The artifact is of another type.'],
    ['c'.repeat(64), 'NotFound', 'No run that has ended made this artifact.'],
  ])('is refused as %s', async (text, code, message) => {
    await expect(find(text)).rejects.toMatchObject({ code, message });
  });
});
