import type { RunEvent } from '@vitrine/contracts';
import type { EventSpool } from './event-spool.js';

/** What became of a batch. */
export type Delivery =
  | { readonly outcome: 'accepted' }
  /** The API is not there, or not itself: the same batch may be taken later. */
  | { readonly outcome: 'unavailable'; readonly why: string }
  /** It will never be taken as it is. */
  | { readonly outcome: 'refused'; readonly why: string };

export interface EventRelayOptions {
  readonly deliver: (events: readonly RunEvent[]) => Promise<Delivery>;
  readonly spool: EventSpool;
  readonly warn: (message: string) => void;
  readonly timing?: Partial<RelayTiming>;
}

export interface RelayTiming {
  readonly batchMilliseconds: number;
  readonly firstRetryMilliseconds: number;
  readonly longestRetryMilliseconds: number;
}

const TIMING: RelayTiming = {
  batchMilliseconds: 250,
  firstRetryMilliseconds: 500,
  longestRetryMilliseconds: 5_000,
};

/** Of one request; the API takes at most 1000. */
const MOST_EVENTS = 500;
/** Kept in memory while a request is under way; what is beyond waits on disk. */
const MOST_IN_MEMORY = 5_000;

/** Brings events to the API, in batches and in order; while it cannot be reached they wait on disk. */
export class EventRelay {
  private buffer: RunEvent[] = [];
  private readonly timing: RelayTiming;
  private timer: NodeJS.Timeout | undefined;
  private pumping: Promise<void> | undefined;
  private retryMilliseconds = 0;
  private closed = false;

  constructor(private readonly options: EventRelayOptions) {
    this.timing = { ...TIMING, ...options.timing };
    if (!options.spool.isEmpty) this.schedule();
  }

  emit(event: RunEvent): void {
    this.buffer.push(event);
    if (this.buffer.length > MOST_IN_MEMORY || this.closed) this.spoolBuffer();
    this.schedule();
  }

  /** Tries once more to deliver what is left; what cannot be waits on disk for the next worker. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.closed = true;
    await this.pumping;
    await this.turn();
    this.spoolBuffer();
  }

  private schedule(): void {
    if (this.closed || this.timer || this.pumping) return;
    const wait = this.retryMilliseconds || this.timing.batchMilliseconds;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.pumping = this.turn().finally(() => {
        this.pumping = undefined;
        if (this.buffer.length > 0 || !this.options.spool.isEmpty) this.schedule();
      });
    }, wait);
  }

  /** A disk that fails must not end the worker, and with it the stages it runs: what waits there is tried again. */
  private async turn(): Promise<void> {
    try {
      await this.pump();
    } catch (error) {
      this.options.warn(`events that wait on disk cannot be handled, which is tried again: ${String(error)}`);
      this.backOff();
    }
  }

  private async pump(): Promise<void> {
    const { spool } = this.options;
    while (spool.isEmpty && this.buffer.length > 0) {
      const left = await this.deliver(this.buffer.splice(0, MOST_EVENTS));
      if (left.length === 0) continue;
      this.buffer.unshift(...left);
      return this.spoolBuffer();
    }
    while (!spool.isEmpty) {
      this.spoolBuffer();
      const left = await this.deliver(spool.oldest());
      spool.settle(left);
      if (left.length > 0) return;
    }
    if (this.buffer.length > 0) await this.pump();
  }

  /** @returns the events that were not delivered */
  private async deliver(events: readonly RunEvent[]): Promise<readonly RunEvent[]> {
    for (let start = 0; start < events.length; start += MOST_EVENTS) {
      const batch = events.slice(start, start + MOST_EVENTS);
      const delivery = await this.options.deliver(batch);
      if (delivery.outcome === 'unavailable') {
        this.isUnavailable(delivery.why);
        return events.slice(start);
      }
      this.retryMilliseconds = 0;
      if (delivery.outcome === 'refused') {
        const left = await this.deliverRefused(batch, delivery.why);
        if (left.length > 0) return [...left, ...events.slice(start + batch.length)];
      }
    }
    return [];
  }

  /** One bad event must cost no good one: halves are tried until it stands alone. */
  private async deliverRefused(batch: readonly RunEvent[], why: string): Promise<readonly RunEvent[]> {
    if (batch.length === 1) {
      this.options.warn(`the API refused an event, which is lost: ${JSON.stringify(batch[0])}: ${why}`);
      return [];
    }
    const half = Math.ceil(batch.length / 2);
    const left = await this.deliver(batch.slice(0, half));
    return left.length > 0 ? [...left, ...batch.slice(half)] : this.deliver(batch.slice(half));
  }

  private isUnavailable(why: string): void {
    if (this.retryMilliseconds === 0)
      this.options.warn(`the API cannot be reached, events wait on disk: ${why}`);
    this.backOff();
  }

  private backOff(): void {
    const { firstRetryMilliseconds, longestRetryMilliseconds } = this.timing;
    this.retryMilliseconds = Math.min(
      this.retryMilliseconds * 2 || firstRetryMilliseconds,
      longestRetryMilliseconds,
    );
  }

  private spoolBuffer(): void {
    const events = this.buffer;
    this.buffer = [];
    try {
      this.options.spool.append(events);
    } catch (error) {
      this.options.warn(`${events.length} events are lost, they cannot be written to disk: ${String(error)}`);
    }
  }
}
