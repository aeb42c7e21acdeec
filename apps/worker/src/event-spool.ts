import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runEventSchema, type RunEvent } from '@vitrine/contracts';

/** Events that could not be delivered yet, one JSON line each, oldest first. Survives the process. */
export class EventSpool {
  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
  ) {}

  /** Adds at the end. A full spool lets go of progress, which the next report replaces, and of nothing else. */
  async append(events: readonly RunEvent[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const full = (await this.size()) >= this.maxBytes;
    const kept = full ? events.filter(({ type }) => type !== 'progress') : events;
    // The leading line break keeps a line torn by a crash from swallowing the first of these.
    if (kept.length > 0) await appendFile(this.path, `\n${lines(kept)}`);
  }

  /** All that waits. A line torn by a crash is left out. */
  async read(): Promise<RunEvent[]> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      const event = parseLine(line);
      return event ? [event] : [];
    });
  }

  /** Replaces what waits, atomically. */
  async replace(events: readonly RunEvent[]): Promise<void> {
    if (events.length === 0) {
      await rm(this.path, { force: true });
      return;
    }
    const next = `${this.path}.next`;
    await writeFile(next, lines(events));
    await rename(next, this.path);
  }

  private async size(): Promise<number> {
    return (await stat(this.path).catch(() => undefined))?.size ?? 0;
  }
}

function lines(events: readonly RunEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function parseLine(line: string): RunEvent | undefined {
  if (line === '') return undefined;
  try {
    return runEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
