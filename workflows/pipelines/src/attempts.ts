import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { RetryPolicy, StageActivities, StageJob, StageResult } from '@vitrine/contracts';
import { ERRORS, type ErrorView } from '@vitrine/contracts/sandbox';
import { retryDelaySeconds, runStageOptions, UNCOUNTED_RETRIES } from './activity-options.js';
import { readFailure, toFailure } from './fail.js';

/**
 * Computes a stage on its pool. An attempt lost to machines and services is charged to another budget than one lost to the
 * stage's own failure, and a worker with other code than the run was planned for costs nothing.
 */
export async function runAttempts(job: StageJob, retry: RetryPolicy): Promise<StageResult> {
  const { runStage } = proxyActivities<StageActivities>(runStageOptions(job));
  const spent: RetryPolicy & { uncounted: number } = { infrastructure: 0, own: 0, uncounted: 0 };
  const limits = { ...retry, uncounted: UNCOUNTED_RETRIES };
  for (;;) {
    try {
      return await runStage(job);
    } catch (thrown) {
      refuseWhenCancelled(thrown);
      const error = readFailure(thrown);
      const budget = ERRORS[error.code].retry;
      if (budget === 'never') throw toFailure(error);
      const account = error.code === 'CodeVersionMismatch' ? 'uncounted' : budget;
      if (spent[account] >= limits[account]) throw toFailure(exhausted(error, account, limits[account]));
      spent[account] += 1;
      await sleep(retryDelaySeconds(budget, spent[account]) * 1000);
    }
  }
}

/** A worker that dies while it is being cancelled answers with a timeout; the stage is cancelled all the same. */
function refuseWhenCancelled(thrown: unknown): void {
  if (isCancellation(thrown)) throw thrown;
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The stage was cancelled.');
}

function exhausted(error: ErrorView, account: string, limit: number): ErrorView {
  return { ...error, message: `${error.message} Given up after ${limit} retries (${account}).` };
}
