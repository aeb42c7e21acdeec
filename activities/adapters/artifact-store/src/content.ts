import { createHash, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { VitrineError } from '@vitrine/contracts';
import type { ByteSource } from './objects.js';

/** Streams up to this long are kept in memory; also how much is hashed before other work gets its turn. */
const MEMORY_BYTES = 8 * 2 ** 20;

/** A source over bytes in memory. */
export async function memorySource(content: Uint8Array): Promise<ByteSource> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < content.length; offset += MEMORY_BYTES) {
    if (offset > 0) await turn();
    hash.update(content.subarray(offset, offset + MEMORY_BYTES));
  }
  return {
    size: content.length,
    sha256: hash.digest('hex'),
    read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
  };
}

/**
 * Runs `use` with a source over a stream. The key of an artifact is its digest, which is known only at the end of the
 * stream; so a long one is written to a local file first. That costs disk, but no copy on the server, leaves nothing to
 * tidy up there, and lets a part be sent again.
 * @throws VitrineError DiskFull naming the folder
 */
export async function withStreamSource<T>(
  stream: AsyncIterable<Uint8Array>,
  spoolDir: string,
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const pieces: Uint8Array[] = [];
  const hash = createHash('sha256');
  let size = 0;
  let file: FileHandle | undefined;
  try {
    for await (const piece of stream) {
      hash.update(piece);
      size += piece.length;
      if (file) await writeAll(file, piece, spoolDir);
      else pieces.push(Buffer.from(piece));
      if (!file && size > MEMORY_BYTES) {
        file = await openNameless(spoolDir);
        for (const kept of pieces.splice(0)) await writeAll(file, kept, spoolDir);
      }
    }
    const sha256 = hash.digest('hex');
    if (!file) return await use({ ...(await memorySource(Buffer.concat(pieces))), sha256 });
    const handle = file;
    return await use({ size, sha256, read: (offset, length) => readFully(handle, offset, length) });
  } finally {
    await file?.close();
  }
}

/** The name is removed at once: the kernel frees the space when the file is closed, however this process ends. */
async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.vitrine-spool-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (cause) {
    throw diskError(cause, folder);
  }
}

async function writeAll(file: FileHandle, content: Uint8Array, folder: string): Promise<void> {
  try {
    for (let done = 0; done < content.length;) {
      const { bytesWritten } = await file.write(content, done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw diskError(cause, folder);
  }
}

async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

function diskError(cause: unknown, folder: string): VitrineError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new VitrineError(full ? 'DiskFull' : 'Internal', 'A stream could not be kept on disk.', {
    where: folder,
    expected: 'room for the whole stream',
    actual: code,
    cause,
    ...(full ? {} : { hint: 'Let Vitrine write to this folder, or name another one by TMPDIR.' }),
  });
}
