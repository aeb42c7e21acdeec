import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runEventSchema, type RunEvent } from '@vitrine/contracts';

export interface SpoolLimits {
  /** All events that wait on disk. */
  readonly totalBytes: number;
  /** One file of them. */
  readonly segmentBytes: number;
}

const LIMITS: SpoolLimits = { totalBytes: 64 * 2 ** 20, segmentBytes: 2 ** 20 };

/** What is given up first when there is no more room. Checkpoints, attempts and ends of stages are never given up. */
const EXPENDABLE: readonly RunEvent['type'][] = ['progress', 'log'];

/** Share of the limit that is left taken when room has been made. */
const ROOM = 0.75;

const PREFIX = 'worker-';
const UNFINISHED = '.new';

/** Events that wait on disk until they can be delivered, in order: a folder of files with one event per line. */
export class EventSpool {
  private readonly folder: string;
  private readonly limits: SpoolLimits;
  /** Bytes by file, the oldest first. */
  private readonly segments: Map<string, number>;
  private count = 0;
  /** The file whose events have been given out: nothing is added to it meanwhile. */
  private lent: string | undefined;
  /** Room is made when there is more than this. */
  private roomUpTo: number;

  /**
   * @param spoolDir shared by the workers of this state folder; each has a folder of its own in it, and takes over those
   * of workers that are gone
   */
  constructor(
    private readonly spoolDir: string,
    limits: Partial<SpoolLimits> = {},
    private readonly pid = process.pid,
  ) {
    this.limits = { ...LIMITS, ...limits };
    this.roomUpTo = this.limits.totalBytes;
    this.folder = join(spoolDir, `${PREFIX}${pid}`);
    mkdirSync(this.folder, { recursive: true });
    this.adopt();
    for (const name of readdirSync(this.folder).filter(isUnfinished)) unlinkSync(this.path(name));
    const names = readdirSync(this.folder).sort();
    this.segments = new Map(names.map((name) => [name, statSync(this.path(name)).size]));
  }

  get isEmpty(): boolean {
    return this.segments.size === 0;
  }

  append(events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    const [last, bytes = 0] = [...this.segments].at(-1) ?? [];
    const isFull = bytes >= this.limits.segmentBytes || last === this.lent;
    const segment = last === undefined || isFull ? this.newSegment() : last;
    const text = encode(events);
    appendFileSync(this.path(segment), text);
    this.segments.set(segment, this.size(segment) + Buffer.byteLength(text));
    if (this.totalBytes() > this.roomUpTo) this.makeRoom();
  }

  /** The oldest events, all of one file. Lines that a crash has cut off are left out. */
  oldest(): RunEvent[] {
    [this.lent] = this.segments.keys();
    return this.lent === undefined ? [] : this.read(this.lent);
  }

  /** Replaces what `oldest` gave by what is left of it. */
  settle(left: readonly RunEvent[]): void {
    if (this.lent !== undefined) this.write(this.lent, left);
    this.lent = undefined;
  }

  /** Makes more room than is needed now: all files are read for it. */
  private makeRoom(): void {
    const wanted = ROOM * this.limits.totalBytes;
    const segments = [...this.segments.keys()].filter((segment) => segment !== this.lent);
    for (const type of EXPENDABLE)
      for (const segment of segments)
        if (this.totalBytes() > wanted && this.segments.has(segment)) this.giveUp(type, segment);
    this.roomUpTo = Math.max(this.limits.totalBytes, this.totalBytes() + this.limits.segmentBytes);
  }

  private giveUp(type: RunEvent['type'], segment: string): void {
    const events = this.read(segment);
    const kept = events.filter((event) => event.type !== type);
    if (kept.length < events.length) this.write(segment, kept);
  }

  /** Renaming has one winner, should two workers come upon the same folder. */
  private adopt(): void {
    for (const name of readdirSync(this.spoolDir)) {
      const owner = Number(new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1] ?? NaN);
      if (Number.isNaN(owner) || owner === this.pid || isAlive(owner)) continue;
      const folder = join(this.spoolDir, name);
      try {
        for (const segment of readdirSync(folder)) renameSync(join(folder, segment), this.path(segment));
        rmdirSync(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  /** Names sort by time, over all workers. */
  private newSegment(): string {
    this.count += 1;
    const time = String(Date.now()).padStart(15, '0');
    const segment = `${time}-${String(this.count).padStart(6, '0')}-${this.pid}.ndjson`;
    this.segments.set(segment, 0);
    return segment;
  }

  private read(segment: string): RunEvent[] {
    return readFileSync(this.path(segment), 'utf8').split('\n').flatMap(decode);
  }

  /** Replaces a file whole; without events there is none. */
  private write(segment: string, events: readonly RunEvent[]): void {
    const path = this.path(segment);
    if (events.length === 0) {
      unlinkSync(path);
      this.segments.delete(segment);
      return;
    }
    writeFileSync(path + UNFINISHED, encode(events));
    renameSync(path + UNFINISHED, path);
    this.segments.set(segment, statSync(path).size);
  }

  private totalBytes(): number {
    return [...this.segments.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  private size(segment: string): number {
    return this.segments.get(segment) ?? 0;
  }

  private path(segment: string): string {
    return join(this.folder, segment);
  }
}

/** What was to replace a file when its writer died: the file itself is still there. */
function isUnfinished(name: string): boolean {
  return name.endsWith(UNFINISHED);
}

function encode(events: readonly RunEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function decode(line: string): RunEvent[] {
  try {
    return [runEventSchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
