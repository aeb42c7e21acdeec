import { sweepPageSchema, type ArtifactRef, type SweepEvent, type SweepPage } from '@vitrine/contracts';
import type { ArtifactStore } from './artifact-store.js';

/** Pages that name each other before one is written that holds all: what is read at most when nothing is remembered. */
const MOST_PAGES = 50;

/** The log of a sweep in the store: each page names the one before, so one reference stands for all of it. */
export class SweepLog {
  private constructor(
    readonly events: readonly SweepEvent[],
    readonly last: ArtifactRef | undefined,
    private readonly depth: number,
  ) {}

  static async read(artifacts: ArtifactStore, last: ArtifactRef | undefined): Promise<SweepLog> {
    const pages: SweepPage[] = [];
    for (let next = last; next;) {
      const page = sweepPageSchema.parse(JSON.parse(Buffer.from(await artifacts.get(next)).toString('utf8')));
      pages.unshift(page);
      next = page.previous;
    }
    const events = pages.flatMap((page) => page.events);
    return new SweepLog(events, last, last ? (pages.at(-1)?.depth ?? 0) + 1 : 0);
  }

  /** The log with more events. Equal events after equal ones give an equal page, so it may be done again. */
  async append(artifacts: ArtifactStore, more: readonly SweepEvent[]): Promise<SweepLog> {
    if (more.length === 0 && this.last) return this;
    const events = [...this.events, ...more];
    const whole = this.depth >= MOST_PAGES || !this.last;
    const page: SweepPage = whole
      ? { depth: 0, events }
      : { previous: this.last, depth: this.depth, events: [...more] };
    const last = await artifacts.put('document', Buffer.from(JSON.stringify(page)));
    return new SweepLog(events, last, whole ? 1 : this.depth + 1);
  }
}
