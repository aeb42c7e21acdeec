import type { ActivityOptions, ChildWorkflowOptions } from '@temporalio/workflow';
import type { StageJob } from '@vitrine/contracts';
import { cacheQueue, WATCH_QUEUE } from '@vitrine/contracts/names';
import type { RetryClass } from '@vitrine/contracts/sandbox';
import type { StageLease } from './lease-desk.js';

/**
 * Time without a heartbeat after which a worker counts as gone, in seconds: longer than a server's restart or a stall of
 * its disk, which then nobody notices; short, because it is what the death of a worker costs.
 */
const HEARTBEAT_SECONDS = 15;

/** An object server may be down for hours. */
const FOREVER = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
} satisfies ActivityOptions['retry'];

function queueTimeout({
  queueSeconds,
}: StageJob['timeouts']): Pick<ActivityOptions, 'scheduleToStartTimeout'> {
  return queueSeconds === undefined ? {} : { scheduleToStartTimeout: `${queueSeconds} seconds` };
}

/** A worker that was given a stage takes it at once, or is gone. */
const TAKEN_SECONDS = 60;

/** Of `runStage`, on the queue of the stage's pool or of the worker that has its devices. */
export function runStageOptions({ timeouts }: StageJob, { id, queue }: StageLease): ActivityOptions {
  return {
    taskQueue: queue,
    startToCloseTimeout: `${timeouts.attemptSeconds} seconds`,
    // To wait for a device is normal, so this has no bound unless somebody wants one.
    ...(id === undefined ? queueTimeout(timeouts) : { scheduleToStartTimeout: `${TAKEN_SECONDS} seconds` }),
    // A worker heartbeats while its stage makes progress; no sense in believing it longer than the stage.
    heartbeatTimeout: `${Math.min(HEARTBEAT_SECONDS, timeouts.stallSeconds)} seconds`,
    // Attempts are counted by the workflow: the server has one counter where a stage has two budgets.
    retry: { maximumAttempts: 1 },
    // The last checkpoint is written during cancellation, and the slot is taken until the process is gone.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  };
}

/** Of `lookUp`, beside the queue of the stage's pool. */
export function lookUpOptions({ pool, timeouts }: StageJob): ActivityOptions {
  return {
    taskQueue: cacheQueue(pool),
    // A pool without workers answers nothing, as it would run nothing.
    ...queueTimeout(timeouts),
    // All outputs are read and hashed: an hour is for terabytes. A worker that is gone is noticed by its silence.
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: `${HEARTBEAT_SECONDS} seconds`,
    // For ever: it fails only when the object server is away, and then the stage could not run either.
    retry: FOREVER,
    // It leaves nothing behind that would have to be waited for.
    cancellationType: 'TRY_CANCEL',
  };
}

/** Of `lookAhead`: it spares time, and a stage of which it says nothing is looked for by itself. */
export function lookAheadOptions(pool: string): ActivityOptions {
  return {
    taskQueue: cacheQueue(pool),
    // Long enough for a worker that polls; a pool without one must not hold up the others.
    scheduleToStartTimeout: '5 seconds',
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: `${HEARTBEAT_SECONDS} seconds`,
    retry: { maximumAttempts: 2 },
    cancellationType: 'TRY_CANCEL',
  };
}

/** Stages of a pool from which on it is worth it: few are looked for as quickly by themselves. */
export const LOOK_AHEAD_FROM = 8;

/** Of `peek`: somebody waits for the answer in front of a screen. */
export function peekOptions({ pool }: StageJob): ActivityOptions {
  return {
    taskQueue: cacheQueue(pool),
    // A pool without workers does not answer.
    scheduleToStartTimeout: '5 seconds',
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: `${HEARTBEAT_SECONDS} seconds`,
    retry: { maximumAttempts: 2 },
  };
}

/** Of the control activities, on the queue of the workflow itself. */
export const CONTROL: ActivityOptions = {
  // Documents of some kilobytes, and outputs that are read: what is silent for longer is a hung connection.
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: `${HEARTBEAT_SECONDS} seconds`,
  // As above; and a run is over when its record is stored.
  retry: FOREVER,
};

/** Of `sealRun` and `storeStages`. */
export const SEAL_RUN: ActivityOptions = {
  // A document, and a note for each artifact that was made or read: minutes for tens of thousands on a slow server.
  startToCloseTimeout: '15 minutes',
  // For ever: a run is over when its record is stored, and an object server may be down, or refuse its keys, for hours.
  retry: FOREVER,
};

/** Of a stage's workflow. */
export const STAGE_WORKFLOW: Pick<ChildWorkflowOptions, 'cancellationType' | 'parentClosePolicy'> = {
  // The run is not over before its stages have given their devices back.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  // Somebody who terminates a run wants its devices free; termination itself would leave processes running.
  parentClosePolicy: 'REQUEST_CANCEL',
};

/** Stages of a run that are open at a time: the server lets a workflow have 2,000 children, and the others wait their turn. */
export const STAGES_IN_PARALLEL = 1000;

/** Chunks of a stage that are handed to its pool at a time; the pool's slots say how many run. */
export const CHUNKS_IN_PARALLEL = 200;

/** How often a pool looks at what changes by time alone: a history holds 51,200 events, and this is five of them. */
export const POOL_TICK_SECONDS = 15;

/** Elements of a stage in one history. Each is some ten events or more, and a history holds 51,200. */
export const ELEMENTS_IN_HISTORY = 1000;

/** Retries that cost neither budget end here: a history holds 51,200 events, and each retry is some ten of them. */
export const UNCOUNTED_RETRIES = 3000;

/** Of `watchFlight`. */
export const WATCH: ActivityOptions = {
  taskQueue: WATCH_QUEUE,
  // As long as the longest stage takes with all its retries.
  startToCloseTimeout: '365 days',
  // What the death of the worker that watches costs; a heartbeat is a request, and there may be thousands that wait.
  heartbeatTimeout: '20 seconds',
  retry: FOREVER,
  // It leaves nothing behind that would have to be waited for.
  cancellationType: 'TRY_CANCEL',
};

/** How long a stage waits before it looks again when a flight has ended just as it was to be joined. */
export const LANDED_SECONDS = 1;

interface Backoff {
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

const BACKOFF: Record<Exclude<RetryClass, 'never'>, Backoff> = {
  // Often another worker is free at once; when a service is down, a long outage should not eat the budget.
  infrastructure: { firstSeconds: 1, longestSeconds: 120 },
  // The same code mostly fails again in the same way: quickly, so that the failure is seen soon.
  own: { firstSeconds: 1, longestSeconds: 10 },
  // The worker that should have it may be polling already, or be started any time.
  uncounted: { firstSeconds: 1, longestSeconds: 30 },
};

/** Seconds to wait before the retry with this number, from 1; doubles up to a bound. */
export function retryDelaySeconds(budget: Exclude<RetryClass, 'never'>, retry: number): number {
  const { firstSeconds, longestSeconds } = BACKOFF[budget];
  return Math.min(firstSeconds * 2 ** Math.min(retry - 1, 16), longestSeconds);
}
