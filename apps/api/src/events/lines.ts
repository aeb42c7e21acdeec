import { open } from 'node:fs/promises';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  readonly text: string;
  /** Byte offset just behind the line's newline. */
  readonly end: number;
}

/**
 * The complete lines of a file between two byte offsets. What follows the last newline is not a line.
 * Memory is bounded by the longest line, however long the file is.
 */
export async function* readLines(path: string, range: { start: number; end?: number }): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let offset = range.start;
    for (;;) {
      const wanted = Math.min(CHUNK, (range.end ?? Infinity) - offset);
      if (wanted <= 0) return;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
      if (bytesRead === 0) return;
      const block = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const base = offset - rest.length;
      offset += bytesRead;
      let from = 0;
      for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, from)) {
        yield { text: block.toString('utf8', from, at), end: base + at + 1 };
        from = at + 1;
      }
      rest = block.subarray(from);
    }
  } finally {
    await file.close();
  }
}
