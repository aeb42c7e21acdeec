import type { SweepView, TrialView } from '@vitrine/contracts';
import type { SweepClient, SweepName } from '../client/sweep-client.js';
import { lookUntil, type Looking } from './look-until.js';

export interface SweepFollower extends Looking {
  show(view: SweepView, trials: readonly TrialView[]): void;
}

/**
 * Follows a sweep to its end; while the API is away it waits.
 * @returns the closed sweep's view, or undefined when the signal ended it first
 */
export async function followSweep(
  source: Pick<SweepClient, 'view' | 'trials'>,
  sweep: SweepName,
  follower: SweepFollower,
): Promise<SweepView | undefined> {
  let trials: readonly TrialView[] = [];
  let page: string | undefined;
  let closed: SweepView | undefined;
  await lookUntil(async () => {
    const view = await source.view(sweep);
    // Trials are thousands: they are read again only when the log has a new page.
    if (view.log?.sha256 !== page) ({ trials } = await source.trials(sweep));
    page = view.log?.sha256;
    follower.show(view, trials);
    if (view.endedAt !== undefined) closed = view;
    return closed !== undefined;
  }, follower);
  return closed;
}
