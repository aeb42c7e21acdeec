import { CancellationScope, proxyActivities } from '@temporalio/workflow';
import type {
  ArtifactRef,
  ControlActivities,
  ElementEntry,
  ElementsSoFar,
  ElementsView,
  EndedElement,
} from '@vitrine/contracts';
import { ELEMENTS_PAGE, FAILURES_SHOWN, ITEM_SHOWN } from '@vitrine/contracts/sandbox';
import { CONTROL } from './activity-options.js';
import { Outgoing } from './outgoing.js';

const { storeElements } = proxyActivities<ControlActivities>(CONTROL);

const NOTHING: ElementsView = { succeeded: 0, found: 0, failed: 0, cancelled: 0, running: 0, failures: [] };

/** Counts the elements of a stage, and has their ends written down, so many at a time. */
export class ElementsLedger {
  private counts: ElementsView;
  private readonly stored: Promise<ArtifactRef>[];
  private ends: EndedElement[] = [];
  private characters = 0;
  private readonly outgoing = new Outgoing();

  constructor(
    private readonly project: string,
    soFar: ElementsSoFar | undefined,
  ) {
    this.counts = soFar?.view ?? NOTHING;
    this.stored = (soFar?.pages ?? []).map((page) => Promise.resolve(page));
  }

  view(): ElementsView {
    return this.counts;
  }

  expect(total: number): void {
    this.counts = { ...this.counts, total };
  }

  started(): void {
    this.add({ running: 1 });
  }

  /** Without a result and without an error it was cancelled. */
  ended({ index, item, recipe }: ElementEntry, end: Pick<EndedElement, 'result' | 'error'>): void {
    const { result, error } = end;
    this.add({
      running: result?.cache?.outcome === 'kept' ? 0 : -1,
      succeeded: result ? 1 : 0,
      found: result?.cache?.from ? 1 : 0,
      failed: error ? 1 : 0,
      cancelled: result || error ? 0 : 1,
    });
    if (error && this.counts.failures.length < FAILURES_SHOWN) {
      const failure = { index, item: (JSON.stringify(item) ?? '').slice(0, ITEM_SHOWN), error };
      this.counts = { ...this.counts, failures: [...this.counts.failures, failure] };
    }
    if (!result && !error) return;
    const ended: EndedElement = { index, item, recipe, ...end };
    this.ends.push(ended);
    this.characters += JSON.stringify(ended).length;
    if (this.ends.length >= ELEMENTS_PAGE.elements || this.characters >= ELEMENTS_PAGE.characters)
      this.store();
  }

  /** Everything that has ended, written down. */
  async flush(): Promise<ArtifactRef[]> {
    if (this.ends.length > 0) this.store();
    return Promise.all(this.stored);
  }

  private store(): void {
    const ends = this.ends;
    this.ends = [];
    this.characters = 0;
    // What is done stays done, also when the run is cancelled.
    this.stored.push(
      CancellationScope.nonCancellable(async () => {
        await this.outgoing.room(ends);
        return storeElements(this.project, ends);
      }),
    );
  }

  private add(
    change: Partial<Record<'running' | 'succeeded' | 'found' | 'failed' | 'cancelled', number>>,
  ): void {
    const { running = 0, succeeded = 0, found = 0, failed = 0, cancelled = 0 } = change;
    const { counts } = this;
    this.counts = {
      ...counts,
      running: counts.running + running,
      succeeded: counts.succeeded + succeeded,
      found: counts.found + found,
      failed: counts.failed + failed,
      cancelled: counts.cancelled + cancelled,
    };
  }
}
