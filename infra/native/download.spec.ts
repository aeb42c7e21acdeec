import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from './download.mjs';
import { describeProblem } from './problem.mjs';
import { breakingFile, serve, type Answer, type FileServer } from './testing/file-server.js';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
const sha256 = createHash('sha256').update(content).digest('hex');

describe('a download', () => {
  let folder: string;
  let file: string;
  let server: FileServer | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-download-'));
    file = join(folder, 'wheel.part');
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  interface Options {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
  }
  const fetchFrom = async (answer: Answer, options: Options = {}) => {
    server = await serve(answer);
    const { url } = server;
    const signal = new AbortController().signal;
    const seen: number[] = [];
    const onProgress = (done: number) => void seen.push(done);
    const request = { url, file, bytes: content.length, sha256, route: { env: {} }, signal, onProgress };
    await download({ ...request, pauseMs: () => 0, ...options });
    return seen;
  };

  it('takes up each broken connection where it broke', async () => {
    const seen = await fetchFrom(breakingFile(content, 30_000));
    expect(await readFile(file)).toEqual(content);
    expect(server?.ranges).toEqual(['', 'bytes=30000-', 'bytes=60000-', 'bytes=90000-']);
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('goes on with what an earlier process left', async () => {
    await writeFile(file, content.subarray(0, 99_000));
    await fetchFrom(breakingFile(content, content.length));
    expect(server?.ranges).toEqual(['bytes=99000-']);
    expect(await readFile(file)).toEqual(content);
  });

  it('starts over when the server knows no ranges', async () => {
    await writeFile(file, content.subarray(0, 50_000));
    await fetchFrom((_request, response) => void response.writeHead(200).end(content));
    expect(await readFile(file)).toEqual(content);
  });

  it('fetches the whole anew when the part that lay there was damaged', async () => {
    await writeFile(file, Buffer.alloc(50_000));
    await fetchFrom(breakingFile(content, content.length));
    expect(server?.ranges).toEqual(['bytes=50000-', '']);
    expect(await readFile(file)).toEqual(content);
  });

  it('drops a part that is longer than the file', async () => {
    await writeFile(file, Buffer.alloc(content.length + 1));
    await fetchFrom(breakingFile(content, content.length));
    expect(server?.ranges).toEqual(['']);
  });

  it('refuses a file with another digest and leaves nothing', async () => {
    const other = Buffer.from(content);
    other[70_000] = 0;
    const text = await fetchFrom(breakingFile(other, content.length)).catch(describeProblem);
    const actual = createHash('sha256').update(other).digest('hex');
    expect(text).toContain('A fetched file is not the pinned one');
    expect(text).toContain(`where:    ${server?.url.href}`);
    expect(text).toContain(`expected: sha256 ${sha256}`);
    expect(text).toContain(`actual:   sha256 ${actual}`);
    expect(text).toContain('to do:');
    expect(existsSync(file)).toBe(false);
  });

  it('names status and address when the index refuses', async () => {
    const text = await fetchFrom((_request, response) => void response.writeHead(403).end()).catch(
      describeProblem,
    );
    expect(text).toContain('actual:   status 403');
    expect(text).toContain('pip config list');
    expect(server?.ranges).toHaveLength(1);
  });

  it('tries again after errors of the server, then gives up and keeps what came', async () => {
    await writeFile(file, content.subarray(0, 10));
    const text = await fetchFrom((_request, response) => void response.writeHead(503).end()).catch(
      describeProblem,
    );
    expect(server?.ranges).toEqual(Array.from({ length: 6 }, () => 'bytes=10-'));
    expect(text).toContain('6 tries in a row without a byte: the server answered 503');
    expect((await readFile(file)).length).toBe(10);
  });

  it('keeps what came when it is stopped', async () => {
    const stop = new AbortController();
    const stalled: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 40_000));
    };
    const onProgress = (done: number): void => {
      if (done === 40_000) stop.abort(new Error('stopped'));
    };
    await expect(fetchFrom(stalled, { signal: stop.signal, onProgress })).rejects.toThrow('stopped');
    expect((await readFile(file)).equals(content.subarray(0, 40_000))).toBe(true);
  });
});
