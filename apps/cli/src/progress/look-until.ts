import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../client/api-client.js';

export interface Looking {
  notice(text: string): void;
  readonly signal: AbortSignal;
  /** Milliseconds between looks. */
  readonly every?: number;
}

const EVERY = 1_500;
/** Said once when the API has been away for so many looks. */
const PATIENCE = 4;

/** The time between two looks, or less when the signal ends it. */
export const pause = ({ every = EVERY, signal }: Looking): Promise<void> =>
  sleep(every, undefined, { signal }).catch(() => undefined);

/** Looks again and again until it was enough or the signal ends it; while the API is away it waits, and says so. */
export async function lookUntil(enough: () => Promise<boolean>, looking: Looking): Promise<void> {
  const { signal, notice } = looking;
  for (let misses = 0; !signal.aborted;) {
    try {
      if (await enough()) return;
      misses = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (!isUnavailable(error)) throw error;
      misses += 1;
      if (misses === PATIENCE) notice(`waiting for the API: ${(error as Error).message}`);
    }
    await pause(looking);
  }
}
