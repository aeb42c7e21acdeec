import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VitrineError } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOf, RECORD_BYTES } from './cifar10-format.js';
import { fetchCifar10, importCifar10, type Archive, type FetchOptions } from './obtain-cifar10.js';
import { startArchiveServer, type ArchiveServer } from './testing/archive-server.js';
import { TINY_LAYOUT, tinyArchive, tinyRecords, writeTinyCifar10 } from './testing/tiny-cifar10.js';

let root: string;
let dataDir: string;
let part: string;
let server: ArchiveServer;
let archive: Archive;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-obtain-'));
  dataDir = join(root, 'data');
  part = join(dataDir, 'downloads/cifar-10-binary.tar.gz.part');
  const { content, md5 } = await tinyArchive(join(root, 'work'));
  server = await startArchiveServer(content);
  archive = { md5, sources: [server.url], layout: TINY_LAYOUT };
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const fetch = (options: Partial<FetchOptions> = {}) => fetchCifar10({ dataDir, ...options }, archive);

async function refusal(action: Promise<unknown>): Promise<VitrineError> {
  return action.then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );
}

function expectComplete(): void {
  for (const [seed, { name, records }] of filesOf(TINY_LAYOUT).entries())
    expect(readFileSync(join(dataDir, 'cifar10', name)).equals(tinyRecords(seed, records))).toBe(true);
  expect(readdirSync(dataDir).sort()).toEqual(expect.not.arrayContaining([expect.stringMatching(/partial/)]));
}

function expectNothing(): void {
  expect(existsSync(join(dataDir, 'cifar10'))).toBe(false);
  expect(readdirSync(dataDir).filter((name) => name !== 'downloads')).toEqual([]);
}

describe('fetching CIFAR-10', () => {
  it('puts the files in place and leaves nothing else', async () => {
    const seen: unknown[] = [];
    expect(await fetch({ onProgress: (progress) => seen.push(progress) })).toEqual({
      folder: join(dataDir, 'cifar10'),
      fresh: true,
    });
    expectComplete();
    expect(readdirSync(join(dataDir, 'downloads'))).toEqual([]);
    const { length } = server.content;
    expect(seen).toContainEqual({ phase: 'download', bytes: length, total: length });
    expect(seen.at(-1)).toMatchObject({
      phase: 'unpack',
      bytes: 12 * RECORD_BYTES,
      total: 12 * RECORD_BYTES,
    });
  });

  it('asks nobody when it is there already', async () => {
    await fetch();
    expect((await fetch()).fresh).toBe(false);
    expect(server.ranges).toHaveLength(1);
  });

  it('goes on where the connection broke, as often as it breaks', async () => {
    server.breaks.push(5000, 7000);
    await fetch({ onProgress: ({ bytes }) => [5000, 12_000].includes(bytes) && server.cut() });
    expectComplete();
    expect(server.ranges).toEqual([undefined, 'bytes=5000-', 'bytes=12000-']);
  });

  it('goes on where an earlier process was stopped', async () => {
    const stop = new AbortController();
    server.breaks.push(5000);
    const error = await refusal(
      fetch({ signal: stop.signal, onProgress: ({ bytes }) => bytes === 5000 && stop.abort() }),
    );
    expect(error.code).toBe('Cancelled');
    expect(error.details.hint).toContain('byte 5000');
    expectNothing();
    await fetch();
    expectComplete();
    expect(server.ranges).toEqual([undefined, 'bytes=5000-']);
  });

  it('goes on when only the check was missing', async () => {
    mkdirSync(join(dataDir, 'downloads'), { recursive: true });
    writeFileSync(part, server.content);
    writeFileSync(`${part}.json`, JSON.stringify({ source: server.url, validator: server.etag }));
    await fetch();
    expectComplete();
    expect(server.ranges).toEqual([`bytes=${server.content.length}-`]);
  });

  it('starts anew when the file on the server has changed in between', async () => {
    const { content } = server;
    server.content = Buffer.alloc(content.length);
    server.etag = '"older"';
    server.breaks.push(5000);
    const onProgress = (): void => {
      server.content = content;
      server.etag = '"newer"';
      server.cut();
    };
    await fetch({ onProgress });
    expectComplete();
    expect(server.ranges).toEqual([undefined, 'bytes=5000-']);
  });

  it('removes what has a wrong checksum, and tells both', async () => {
    server.content = Buffer.concat([server.content.subarray(0, -1), Buffer.from([0x55])]);
    const error = await refusal(fetch());
    expect(error).toMatchObject({
      code: 'DatasetCorrupt',
      details: { where: server.url, expected: `md5 ${archive.md5}` },
    });
    expectNothing();
    expect(readdirSync(join(dataDir, 'downloads'))).toEqual([]);
  });

  it('refuses an archive whose records are wrong, by file and offset', async () => {
    const bad = join(root, 'bad');
    writeTinyCifar10(join(root, 'work/cifar-10-batches-bin'));
    const layout = { ...TINY_LAYOUT, test: [{ name: 'test_batch.bin', records: 4 }] };
    const error = await refusal(fetchCifar10({ dataDir: bad }, { ...archive, layout }));
    expect(error.code).toBe('DatasetCorrupt');
    expect(error.details.where).toMatch(new RegExp(`test_batch\\.bin, byte ${3 * RECORD_BYTES}$`));
    expect(existsSync(join(bad, 'cifar10'))).toBe(false);
  });

  it('fails at once, and by address, when nobody answers', async () => {
    const { url } = server;
    await server.close();
    const error = await refusal(fetch());
    expect(error).toMatchObject({ code: 'DatasetMissing', details: { where: url } });
    expect(error.details.actual).toContain('ECONNREFUSED');
    expect(error.details.hint).toContain('name its folder');
    server = await startArchiveServer(server.content);
  });

  it('tells what the server said, and tries the next source', async () => {
    const second = await startArchiveServer(server.content);
    server.answer = (_, response) => response.writeHead(404).end();
    expect((await refusal(fetch())).details.actual).toBe(`${server.url}: HTTP 404`);
    await fetch({ sources: [server.url, second.url] });
    expectComplete();
    await second.close();
  });

  it('follows where it is sent', async () => {
    const second = await startArchiveServer(server.content);
    server.answer = (_, response) => response.writeHead(302, { location: second.url }).end();
    await fetch();
    expectComplete();
    await second.close();
  });

  it('does not unpack what a server calls gzip-encoded: the checksum is over the bytes as sent', async () => {
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'x-gzip' }).end(server.content);
    await fetch();
    expectComplete();
  });

  it('is one at a time, and a lock that a killed process left does not count', async () => {
    mkdirSync(join(dataDir, 'downloads'), { recursive: true });
    const lock = join(dataDir, 'downloads/cifar-10-binary.tar.gz.lock');
    writeFileSync(lock, String(process.pid));
    expect(await refusal(fetch())).toMatchObject({ code: 'Conflict', details: { where: lock } });
    writeFileSync(lock, String(2 ** 22 + 1));
    await fetch();
    expectComplete();
  });

  it('names the folder that it cannot write to', async () => {
    writeFileSync(dataDir, 'a file');
    const error = await refusal(fetch());
    expect(error).toMatchObject({ code: 'InvalidConfig', details: { where: join(dataDir, 'downloads') } });
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full', async () => {
    mkdirSync(join(dataDir, 'downloads'), { recursive: true });
    symlinkSync('/dev/full', part);
    expect(await refusal(fetch())).toMatchObject({
      code: 'DiskFull',
      details: { where: part, actual: 'ENOSPC' },
    });
  });

  it('refuses to begin where there is too little room', async () => {
    const huge = { train: [{ name: 'data_batch_1.bin', records: 2 ** 40 }], test: [] };
    const error = await refusal(fetchCifar10({ dataDir }, { ...archive, layout: huge }));
    expect(error).toMatchObject({ code: 'DiskFull', details: { where: dataDir } });
    expect(server.ranges).toEqual([]);
  });
});

describe('taking CIFAR-10 from a folder', () => {
  const importTiny = (folder: string) => importCifar10({ dataDir, folder }, TINY_LAYOUT);

  it('takes the files, or the folder that the archive unpacks to', async () => {
    writeTinyCifar10(join(root, 'mine'));
    await importTiny(join(root, 'mine'));
    expectComplete();
    rmSync(dataDir, { recursive: true });
    await importTiny(join(root, 'work'));
    expectComplete();
  });

  it('takes the place of a damaged copy', async () => {
    await importTiny(join(root, 'work'));
    truncateSync(join(dataDir, 'cifar10/test_batch.bin'), 10);
    await importTiny(join(root, 'work'));
    expectComplete();
  });

  it('names a file that is not there', async () => {
    const error = await refusal(importTiny(root));
    expect(error).toMatchObject({
      code: 'DatasetMissing',
      details: { where: join(root, 'data_batch_1.bin'), actual: 'ENOENT' },
    });
  });

  it('names a short file, and puts nothing in place', async () => {
    const folder = join(root, 'work/cifar-10-batches-bin');
    truncateSync(join(folder, 'data_batch_2.bin'), 4000);
    const error = await refusal(importTiny(folder));
    expect(error.details).toMatchObject({
      where: `${join(folder, 'data_batch_2.bin')}, byte 4000`,
      expected: `${4 * RECORD_BYTES} bytes, 4 records of ${RECORD_BYTES}`,
      actual: '4000 bytes',
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('names the offset of an impossible label', async () => {
    const folder = join(root, 'work/cifar-10-batches-bin');
    const content = tinyRecords(2, 3);
    content[RECORD_BYTES] = 10;
    writeFileSync(join(folder, 'test_batch.bin'), content);
    expect((await refusal(importTiny(folder))).details).toMatchObject({
      where: `${join(folder, 'test_batch.bin')}, byte ${RECORD_BYTES}`,
      expected: 'a label from 0 to 9',
      actual: '10',
    });
  });
});
