import type { SweepState } from './sweep-state.js';
import type { TrialRunner } from './trial-runner.js';

/** Milliseconds until a budget may be used up if nothing happens before; undefined without end. */
export function spendingEnd(state: SweepState, trials: TrialRunner, now: number): number | undefined {
  const { wallSeconds, deviceSeconds } = state.budget;
  const ends: number[] = [];
  if (wallSeconds !== undefined) ends.push(state.began() + wallSeconds * 1000 - now);
  const devices = trials.devices();
  if (deviceSeconds !== undefined && devices > 0)
    ends.push(((deviceSeconds - state.deviceSeconds(trials, now)) / devices) * 1000);
  return ends.length === 0 ? undefined : Math.max(1, Math.ceil(Math.min(...ends)));
}
