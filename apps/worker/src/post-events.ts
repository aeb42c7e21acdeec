import type { RunEvent } from '@vitrine/contracts';
import type { Delivery } from './event-relay.js';

/** An API that hangs is as good as none. */
const DEADLINE_MILLISECONDS = 10_000;

/** Answers that say that something is wrong with the batch. All others may be different the next time. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422]);

/** Sends batches to the API at this address. */
export function postEvents(
  url: string,
  token: string | undefined,
): (events: readonly RunEvent[]) => Promise<Delivery> {
  return async (events) => {
    try {
      const response = await fetch(`${url}/internal/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
      });
      const text = await response.text();
      if (response.ok) return { outcome: 'accepted' };
      const why = `${url} answered ${response.status}: ${text.slice(0, 500)}`;
      return { outcome: REFUSALS.has(response.status) ? 'refused' : 'unavailable', why };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      return { outcome: 'unavailable', why: `${url}: ${cause?.code ?? message}` };
    }
  };
}
