import type { ActivityOptions, ChildWorkflowOptions } from '@temporalio/workflow';
import type { StageJob } from '@vitrine/contracts';
import { poolQueue } from '@vitrine/contracts/names';
import type { RetryClass } from '@vitrine/contracts/sandbox';

/**
 * Time without a heartbeat after which a worker counts as gone, in seconds: longer than a server's restart or a stall of
 * its disk, which then nobody notices; short, because it is what the death of a worker costs.
 */
const HEARTBEAT_SECONDS = 15;

/** Of `runStage`, on the queue of the stage's pool. */
export function runStageOptions({ pool, timeouts }: StageJob): ActivityOptions {
  return {
    taskQueue: poolQueue(pool),
    // The one bound on an attempt. None on the time in the queue: to wait for a device is normal.
    startToCloseTimeout: `${timeouts.attemptSeconds} seconds`,
    // A worker heartbeats while its stage makes progress; no sense in believing it longer than the stage.
    heartbeatTimeout: `${Math.min(HEARTBEAT_SECONDS, timeouts.stallSeconds)} seconds`,
    // Attempts are counted by the workflow: the server has one counter where a stage has two budgets.
    retry: { maximumAttempts: 1 },
    // The last checkpoint is written during cancellation, and the slot is taken until the process is gone.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  };
}

/** Of the control activities, on the queue of the workflow itself. */
export const SEAL_RUN: ActivityOptions = {
  // A document of some kilobytes: a minute is a hung connection.
  startToCloseTimeout: '1 minute',
  // For ever: a run is over when its record is stored, and an object server may be down, or refuse its keys, for hours.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
};

/** Of a stage's workflow. */
export const STAGE_WORKFLOW: Pick<ChildWorkflowOptions, 'cancellationType' | 'parentClosePolicy'> = {
  // The run is not over before its stages have given their devices back.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  // Somebody who terminates a run wants its devices free; termination itself would leave processes running.
  parentClosePolicy: 'REQUEST_CANCEL',
};

/** Retries that cost neither budget end here: a history holds 51,200 events, and each retry is some ten of them. */
export const UNCOUNTED_RETRIES = 1000;

interface Backoff {
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

const BACKOFF: Record<Exclude<RetryClass, 'never'>, Backoff> = {
  // Often another worker is free at once; when a service is down, a long outage should not eat the budget.
  infrastructure: { firstSeconds: 1, longestSeconds: 120 },
  // The same code mostly fails again in the same way: quickly, so that the failure is seen soon.
  own: { firstSeconds: 1, longestSeconds: 10 },
};

/** Seconds to wait before the retry with this number, from 1; doubles up to a bound. */
export function retryDelaySeconds(budget: Exclude<RetryClass, 'never'>, retry: number): number {
  const { firstSeconds, longestSeconds } = BACKOFF[budget];
  return Math.min(firstSeconds * 2 ** Math.min(retry - 1, 16), longestSeconds);
}
