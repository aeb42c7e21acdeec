import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@vitrine/contracts';
import type { EventSpool } from './event-spool.js';

/** Most events of one request; the API refuses more. */
const BATCH = 500;

export interface EventRelayOptions {
  /** Delivers one batch; rejects when the API did not take it. */
  readonly post: (events: readonly RunEvent[]) => Promise<void>;
  readonly spool: EventSpool;
  /** Milliseconds between batches. */
  readonly interval?: number;
  /** Milliseconds before the next try while the API is away. */
  readonly retryAfter?: number;
}

/**
 * Carries what the stage processes report to the API, in order, at least once. While the API is away the events wait on
 * disk; a worker that starts again delivers what its predecessor left.
 */
export class EventRelay {
  private queue: RunEvent[] = [];
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly options: EventRelayOptions) {
    this.running = this.run();
  }

  push(event: RunEvent): void {
    this.queue.push(event);
  }

  /** Delivers or spools what there is, then stops. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
    await this.deliver();
  }

  private async run(): Promise<void> {
    const { interval = 250, retryAfter = 2000 } = this.options;
    while (!this.stop.signal.aborted) {
      const delivered = await this.deliver();
      await sleep(delivered ? interval : retryAfter, undefined, { signal: this.stop.signal }).catch(
        () => undefined,
      );
    }
  }

  /** False when something is left on disk. */
  private async deliver(): Promise<boolean> {
    const { spool, post } = this.options;
    const fresh = this.queue;
    this.queue = [];
    const waiting = [...(await spool.read()), ...fresh];
    let sent = 0;
    try {
      while (sent < waiting.length) {
        await post(waiting.slice(sent, sent + BATCH));
        sent += BATCH;
      }
    } catch {
      const spooled = waiting.length - fresh.length;
      if (sent > 0) await spool.replace(waiting.slice(sent));
      else if (fresh.length > 0) await spool.append(fresh);
      return spooled + fresh.length === 0;
    }
    if (waiting.length > fresh.length) await spool.replace([]);
    return true;
  }
}
