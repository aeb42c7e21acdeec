import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryDigest, loadedLibraries } from './library-build.js';

describe('the digest of libtensorflow', () => {
  let folder: string;
  let files: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vitrine-library-'));
    mkdirSync(join(folder, 'lib'));
    files = ['a.so', 'b.so'].map((name) => join(folder, 'lib', name));
    files.forEach((file) => writeFileSync(file, file.slice(-4)));
    symlinkSync(join(folder, 'lib'), join(folder, 'link'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const ofContents = createHash('sha256').update('a.so').update('b.so').digest('hex');

  it('is the recorded one when the record speaks of these files, also through a link', async () => {
    const sha256 = 'recorded';
    expect(await libraryDigest(files, { dir: join(folder, 'lib'), sha256 })).toBe(sha256);
    expect(await libraryDigest(files, { dir: join(folder, 'link'), sha256 })).toBe(sha256);
  });

  it('is that of the contents when the record is of another folder, or there is none', async () => {
    expect(await libraryDigest(files)).toBe(ofContents);
    expect(await libraryDigest(files, { dir: folder, sha256: 'recorded' })).toBe(ofContents);
    expect(await libraryDigest(files, { dir: join(folder, 'gone'), sha256: 'recorded' })).toBe(ofContents);
  });

  it('is of the files that this process has mapped', () => {
    const names = loadedLibraries().map((file) => file.split('/').at(-1));
    expect(names.some((name) => name?.startsWith('libtensorflow_framework'))).toBe(true);
  });
});
