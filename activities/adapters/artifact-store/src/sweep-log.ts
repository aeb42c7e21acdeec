import { sweepPageSchema, type ArtifactRef, type SweepEvent, type SweepPage } from '@vitrine/contracts';
import type { ArtifactStore } from './artifact-store.js';

/**
 * Pages of one level that become one of the next: an event is written again once for each level, and few pages have to be read when
 * nothing is remembered.
 */
const GATHERED = 8;

interface StoredPage {
  readonly ref: ArtifactRef;
  readonly level: number;
  readonly events: readonly SweepEvent[];
}

/** The log of a sweep in the store: each page names the one before, so one reference stands for all of it. */
export class SweepLog {
  private constructor(private readonly pages: readonly StoredPage[]) {}

  static async read(artifacts: ArtifactStore, last: ArtifactRef | undefined): Promise<SweepLog> {
    const pages: StoredPage[] = [];
    for (let ref = last; ref;) {
      const text = Buffer.from(await artifacts.get(ref)).toString('utf8');
      const { previous, level, events } = sweepPageSchema.parse(JSON.parse(text));
      pages.push({ ref, level, events });
      ref = previous;
    }
    return new SweepLog(pages.reverse());
  }

  get last(): ArtifactRef | undefined {
    return this.pages.at(-1)?.ref;
  }

  /** All of them, in order. */
  get events(): readonly SweepEvent[] {
    return this.pages.flatMap(({ events }) => events);
  }

  /** The log with more events. Equal events after equal ones give an equal page, so it may be done again. */
  async append(artifacts: ArtifactStore, more: readonly SweepEvent[]): Promise<SweepLog> {
    if (more.length === 0 && this.last) return this;
    const kept = [...this.pages];
    const gathered = [more];
    let level = 0;
    for (; endsInFull(kept, level); level += 1)
      gathered.unshift(...kept.splice(1 - GATHERED).map(({ events }) => events));
    const events = gathered.flat();
    const previous = kept.at(-1)?.ref;
    const page: SweepPage = { ...(previous && { previous }), level, events };
    const ref = await artifacts.put('document', Buffer.from(JSON.stringify(page)));
    return new SweepLog([...kept, { ref, level, events }]);
  }
}

/** Whether one more page of this level is one to gather all with. */
function endsInFull(pages: readonly StoredPage[], level: number): boolean {
  const last = pages.slice(1 - GATHERED);
  return last.length === GATHERED - 1 && last.every((page) => page.level === level);
}
