import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VitrineError } from '@vitrine/contracts';
import { writeError } from './disk.js';
import { httpGet } from './http-get.js';

export interface Download {
  /** Tried in order; all hold the same bytes. */
  readonly sources: readonly string[];
  readonly md5: string;
  /** Where the file goes. What has come so far lies beside it, under `<path>.part`. */
  readonly path: string;
  readonly onProgress: (bytes: number, total: number | undefined) => void;
  readonly signal: AbortSignal | undefined;
  /** A server that does not begin to answer, or says nothing more for so long, is given up. Default: 20 s. */
  readonly silenceMilliseconds?: number;
}

const SILENCE_MILLISECONDS = 20_000;
/** Breaks in a row without a byte between them, of a server that had sent something before. */
const BARREN_TRIES = 3;
const PAUSE_MILLISECONDS = 500;

/**
 * Fetches a file, going on where an earlier try, of this or another process, broke off.
 * @throws VitrineError DatasetMissing when no source sends it, DatasetCorrupt when the checksum differs, DiskFull, Cancelled
 */
export async function download(task: Download): Promise<void> {
  await mkdir(dirname(task.path), { recursive: true }).catch((error: unknown) => {
    throw writeError(error, task.path);
  });
  // Complete, but not yet used: an earlier process was stopped in between.
  if ((await md5Of(task.path).catch(() => undefined)) === task.md5) return;
  const failures: string[] = [];
  for (const source of task.sources) {
    const failure = await fetchFrom(source, task);
    if (failure === undefined) return verify(source, task);
    failures.push(`${source}: ${failure}`);
  }
  const kept = await lengthOf(partOf(task));
  const again = kept > 0 ? `Run the command again to go on at byte ${kept}` : 'Check the connection';
  throw new VitrineError('DatasetMissing', 'A data set could not be fetched.', {
    where: task.sources.join(', '),
    expected: 'a server that sends the file',
    actual: failures.join('; '),
    hint: `${again}, or get the data set by other means and name its folder.`,
  });
}

/** The server was sending the file, and stopped. */
class Interrupted extends Error {}

/** Undefined when all bytes have come, otherwise why this source is of no use. */
async function fetchFrom(source: string, task: Download): Promise<string | undefined> {
  let begun = false;
  for (let barren = 0; barren < BARREN_TRIES;) {
    const before = await lengthOf(partOf(task));
    try {
      await transfer(source, task);
      return undefined;
    } catch (error) {
      const kept = await lengthOf(partOf(task));
      if (task.signal?.aborted)
        throw new VitrineError('Cancelled', 'Fetching a data set was stopped.', {
          where: source,
          hint: `Run the command again to go on at byte ${kept}.`,
          cause: error,
        });
      if (error instanceof VitrineError) throw error;
      begun ||= error instanceof Interrupted;
      // A server that never began to send will not do better in a second.
      if (!begun) return reasonOf(error);
      barren = kept > before ? 0 : barren + 1;
    }
    await delay(PAUSE_MILLISECONDS, undefined, { signal: task.signal }).catch(() => undefined);
  }
  return `broke off ${BARREN_TRIES} times in a row before sending anything`;
}

async function transfer(source: string, task: Download): Promise<void> {
  const silence = new AbortController();
  const wait = task.silenceMilliseconds ?? SILENCE_MILLISECONDS;
  const timer = setTimeout(() => silence.abort(), wait);
  const signal = task.signal ? AbortSignal.any([task.signal, silence.signal]) : silence.signal;
  try {
    const kept = await resumable(source, task);
    const headers = kept && { range: `bytes=${kept.bytes}-`, 'if-range': kept.validator };
    const answer = await httpGet(source, { headers: headers ?? {}, signal });
    await receive(answer, { task, source, kept: kept?.bytes ?? 0, alive: () => timer.refresh() });
  } catch (error) {
    throw silence.signal.aborted ? new Error(`silent for ${wait / 1000} s`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

interface Reception {
  readonly task: Download;
  readonly source: string;
  readonly kept: number;
  /** Called for every sign of life. */
  readonly alive: () => void;
}

async function receive(answer: IncomingMessage, { task, source, kept, alive }: Reception): Promise<void> {
  const { statusCode, headers } = answer;
  if (statusCode !== 200 && statusCode !== 206) {
    answer.destroy();
    if (statusCode === 416) {
      // Nothing is left to send; or the part is longer than the file, and of no use.
      if (headers['content-range'] === `bytes */${kept}`) return;
      await rm(partOf(task), { force: true });
    }
    throw new Error(`HTTP ${statusCode}`);
  }
  let bytes = statusCode === 206 ? kept : 0;
  const total =
    headers['content-length'] === undefined ? undefined : bytes + Number(headers['content-length']);
  const file = await open(partOf(task), bytes > 0 ? 'a' : 'w').catch((error: unknown) => {
    throw writeError(error, partOf(task));
  });
  try {
    const validator = headers.etag ?? headers['last-modified'];
    await writeFile(noteOf(task), JSON.stringify({ source, validator }));
    for await (const piece of answer as AsyncIterable<Buffer>) {
      alive();
      await file.writeFile(piece).catch((error: unknown) => {
        throw writeError(error, partOf(task));
      });
      bytes += piece.length;
      task.onProgress(bytes, total);
    }
  } catch (error) {
    throw error instanceof VitrineError ? error : new Interrupted(reasonOf(error), { cause: error });
  } finally {
    await file.close();
  }
}

/** What an earlier try has left of the very same file, as far as the server can tell. */
async function resumable(
  source: string,
  task: Download,
): Promise<{ bytes: number; validator: string } | undefined> {
  const bytes = await lengthOf(partOf(task));
  const note = await readFile(noteOf(task), 'utf8').then(parseNote, () => undefined);
  if (bytes === 0 || note?.source !== source || note.validator === undefined) return undefined;
  return { bytes, validator: note.validator };
}

function parseNote(text: string): { source?: string; validator?: string } | undefined {
  try {
    return JSON.parse(text) as { source?: string; validator?: string };
  } catch {
    return undefined;
  }
}

async function verify(source: string, task: Download): Promise<void> {
  const actual = await md5Of(partOf(task));
  await rm(noteOf(task), { force: true });
  if (actual === task.md5) return rename(partOf(task), task.path);
  const length = await lengthOf(partOf(task));
  await rm(partOf(task), { force: true });
  throw new VitrineError('DatasetCorrupt', 'A fetched file has a wrong checksum and was removed.', {
    where: source,
    expected: `md5 ${task.md5}`,
    actual: `md5 ${actual} of ${length} bytes`,
    hint: 'Run the command again; if it stays so, get the data set by other means and name its folder.',
  });
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

function partOf({ path }: Download): string {
  return `${path}.part`;
}

function noteOf({ path }: Download): string {
  return `${path}.part.json`;
}

async function lengthOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
