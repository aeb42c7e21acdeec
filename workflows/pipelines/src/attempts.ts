import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { RetryPolicy, StageActivities, StageJob, StageResult } from '@vitrine/contracts';
import { ERRORS, wantsElsewhere, type ErrorView } from '@vitrine/contracts/sandbox';
import { retryDelaySeconds, runStageOptions, UNCOUNTED_RETRIES } from './activity-options.js';
import { lastHeardOf, readFailure, readLeasedFailure, toFailure, workerOf } from './fail.js';
import type { LeaseDesk, StageLease } from './lease-desk.js';

/**
 * Computes a stage on its pool. An attempt lost to machines and services is charged to another budget than one lost to the
 * stage's own failure, and a worker that hands the stage back without having begun it costs nothing.
 */
export async function runAttempts(
  job: StageJob,
  retry: RetryPolicy,
  leases: LeaseDesk,
): Promise<StageResult> {
  const spent = { infrastructure: 0, own: 0, uncounted: 0 };
  const limits = { ...retry, uncounted: UNCOUNTED_RETRIES };
  const unfit = new UnfitWorkers(retry.elsewhereSeconds);
  let interruptedAt: string | undefined;
  for (;;) {
    const wanted = { ...unfit.avoidedBy(job), ...(interruptedAt && { interruptedAt }) };
    const lease = await leases.acquire(wanted);
    try {
      return await runOn(lease, wanted);
    } catch (thrown) {
      refuseWhenCancelled(thrown);
      const error = lease.id === undefined ? readFailure(thrown) : readLeasedFailure(thrown);
      const budget = ERRORS[error.code].retry;
      if (budget === 'never') throw toFailure(error);
      if (spent[budget] >= limits[budget]) throw toFailure(exhausted(error, budget, limits[budget]));
      spent[budget] += 1;
      // One that was handed back has lost nothing: what is waited for is still the one before it.
      if (budget !== 'uncounted') interruptedAt = lastHeardOf(thrown) ?? new Date().toISOString();
      if (wantsElsewhere(error.code)) unfit.add(workerOf(thrown));
      await sleep(retryDelaySeconds(budget, spent[budget]) * 1000);
    }
  }
}

/** Its devices are given back before anybody waits for a retry. */
async function runOn(lease: StageLease, job: StageJob): Promise<StageResult> {
  try {
    const { runStage } = proxyActivities<StageActivities>(runStageOptions(job, lease));
    return await runStage({ ...job, ...(lease.id !== undefined && { lease: lease.id }) });
  } finally {
    await lease.release();
  }
}

/** Workers that are at fault for failures of a stage, and for how long it is not given to them. */
class UnfitWorkers {
  private readonly names = new Set<string>();
  private until = 0;

  constructor(private readonly seconds: number) {}

  add(worker: string | undefined): void {
    if (worker === undefined) return;
    this.names.add(worker);
    this.until = Date.now() + this.seconds * 1000;
  }

  /** The job as it is sent: who is to hand it back is in it, as long as another worker is waited for. */
  avoidedBy(job: StageJob): StageJob {
    return this.names.size > 0 && Date.now() < this.until ? { ...job, avoid: [...this.names] } : job;
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
