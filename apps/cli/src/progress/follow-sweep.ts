import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepView, TrialView } from '@vitrine/contracts';
import { isUnavailable } from '../client/api-client.js';
import type { SweepClient, SweepName } from '../client/sweep-client.js';

export interface SweepFollower {
  show(view: SweepView, trials: readonly TrialView[]): void;
  notice(text: string): void;
  readonly signal: AbortSignal;
  /** Milliseconds between views. */
  readonly every?: number;
}

const EVERY = 1_500;
/** Said once when the API has been away for so many views. */
const PATIENCE = 4;

/**
 * Follows a sweep to its end; while the API is away it waits.
 * @returns the closed sweep's view, or undefined when the signal ended it first
 */
export async function followSweep(
  source: Pick<SweepClient, 'view' | 'trials'>,
  sweep: SweepName,
  follower: SweepFollower,
): Promise<SweepView | undefined> {
  const { signal } = follower;
  let trials: readonly TrialView[] = [];
  let page: string | undefined;
  for (let misses = 0; !signal.aborted;) {
    try {
      const view = await source.view(sweep);
      // Trials are thousands: they are read again only when the log has a new page.
      if (view.log?.sha256 !== page) ({ trials } = await source.trials(sweep));
      page = view.log?.sha256;
      follower.show(view, trials);
      misses = 0;
      if (view.endedAt !== undefined) return view;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      misses += 1;
      if (misses === PATIENCE) follower.notice(`waiting for the API: ${(error as Error).message}`);
    }
    await sleep(follower.every ?? EVERY, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
