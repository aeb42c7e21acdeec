import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LogLevel, StageJob } from '@vitrine/contracts';

/** At this size a log becomes the previous one, of which there is one: two of these are the most a stage takes. */
const MAX_BYTES = 8 * 2 ** 20;

export function stageLogPath(logsDir: string, { runId, stage }: Pick<StageJob, 'runId' | 'stage'>): string {
  return join(logsDir, runId, `${stage}.log`);
}

/** The log of a stage on this machine, one line per message, over all its attempts here. */
export class StageLog {
  /** Undefined until the first line. */
  private bytes: number | undefined;

  constructor(
    private readonly path: string,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /** @throws Error of the file system */
  write(at: string, level: LogLevel, message: string): void {
    const line = `${at} ${level} ${message}\n`;
    this.bytes ??= this.open();
    if (this.bytes > 0 && this.bytes + Buffer.byteLength(line) > this.maxBytes) {
      renameSync(this.path, `${this.path}.1`);
      this.bytes = 0;
    }
    appendFileSync(this.path, line);
    this.bytes += Buffer.byteLength(line);
  }

  private open(): number {
    mkdirSync(dirname(this.path), { recursive: true });
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
