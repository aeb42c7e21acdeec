import { mkdir, open, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VitrineError, storedEventSchema, type RunEvent, type StoredEvent } from '@vitrine/contracts';
import { readLines } from './lines.js';
import { applyEvent, type RunTrace } from './run-trace.js';

/** Every so many events the offset is remembered, so that a reader who resumes need not read the whole file. */
const MARK_EVERY = 512;

interface Mark {
  readonly sequence: number;
  readonly offset: number;
}

/**
 * The events of one run: lines of JSON, appended only, numbered from 1. Readers follow the file itself and are only woken, so a
 * slow one costs no memory. A line torn by a crash was never acknowledged and is cut off when the file is opened again.
 */
export class RunLog {
  private size = 0;
  private last = 0;
  private marks: Mark[] = [{ sequence: 0, offset: 0 }];
  private reported: RunTrace = new Map();
  private writing: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly path: string) {}

  static async open(path: string): Promise<RunLog> {
    const log = new RunLog(path);
    await log.recover();
    return log;
  }

  get lastSequence(): number {
    return this.last;
  }

  get trace(): RunTrace {
    return this.reported;
  }

  /**
   * Stores the events in one write, in the order of the calls. Once it resolves they survive the process.
   * @throws VitrineError DiskFull, and then none of them is stored
   */
  async append(events: readonly RunEvent[]): Promise<void> {
    const turn = this.writing.then(() => this.write(events));
    this.writing = turn.catch(() => undefined);
    await turn;
  }

  /** The stored events after a sequence number, up to the one that is last now. */
  async *read(after: number): AsyncGenerator<StoredEvent> {
    const end = this.size;
    if (after >= this.last) return;
    const start = this.marks.findLast((mark) => mark.sequence <= after)?.offset ?? 0;
    for await (const { text } of readLines(this.path, { start, end })) {
      const stored = decode(text);
      if (stored && stored.sequence > after) yield stored;
    }
  }

  /** The events after a sequence number, then each new one, until the signal is aborted. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    let seen = after;
    while (!signal.aborted) {
      for await (const stored of this.read(seen)) {
        if (signal.aborted) return;
        seen = stored.sequence;
        yield stored;
      }
      if (seen >= this.last) await this.growth(signal);
    }
  }

  private async growth(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  private async write(events: readonly RunEvent[]): Promise<void> {
    const stored = events.map((event, index) => ({ sequence: this.last + 1 + index, event }));
    const bytes = Buffer.from(stored.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
    await this.writeWhole(bytes);
    this.size += bytes.length;
    for (const { event } of stored) this.reported = applyEvent(this.reported, event);
    this.last += events.length;
    this.markAt(this.last, this.size);
    for (const wake of [...this.waiting]) wake();
  }

  private async writeWhole(bytes: Buffer): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const file = await open(this.path, 'a');
      try {
        await file.appendFile(bytes);
      } finally {
        await file.close();
      }
    } catch (cause) {
      await truncate(this.path, this.size).catch(() => undefined);
      throw new VitrineError('DiskFull', 'The events of a run cannot be stored.', {
        where: this.path,
        expected: `room for ${bytes.length} bytes`,
        actual: cause instanceof Error ? cause.message : String(cause),
        cause,
      });
    }
  }

  private async recover(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    if (!found) return;
    for await (const { text, end } of readLines(this.path, { start: 0 })) {
      this.size = end;
      const stored = decode(text);
      if (!stored) continue;
      this.last = stored.sequence;
      this.reported = applyEvent(this.reported, stored.event);
      this.markAt(this.last, end);
    }
    if (found.size > this.size) await truncate(this.path, this.size);
  }

  private markAt(sequence: number, offset: number): void {
    const previous = this.marks.at(-1)?.sequence ?? 0;
    if (sequence - previous >= MARK_EVERY) this.marks.push({ sequence, offset });
  }
}

/** A line that is no event is passed over: one bad block of a disk must not hide the rest of a run. */
function decode(text: string): StoredEvent | undefined {
  try {
    return storedEventSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
