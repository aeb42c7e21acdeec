import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  CacheActivities,
  ControlActivities,
  FlightWorkflow,
  StageRequest,
  StageResult,
} from '@vitrine/contracts';
import { flightWorkflowId, WORKFLOW } from '@vitrine/contracts/names';
import { CONTROL, lookUpOptions, STAGE_WORKFLOW } from './activity-options.js';
import { computeStage } from './compute-stage.js';
import { FlightNews, waitForFlight } from './flight-waiter.js';
import { LeaseDesk } from './lease-desk.js';
import { runChild } from './run-child.js';
import { withinTotal } from './within-total.js';

const { keepResult, storeResult } = proxyActivities<ControlActivities>(CONTROL);

/** Where a workflow hears of what its stages wait for. */
export interface StageDesks {
  readonly news: FlightNews;
  readonly leases: LeaseDesk;
}

/** One stage of one run: its result is taken over, found, waited for, or computed. */
export async function stageWorkflow(request: StageRequest): Promise<StageResult> {
  const desks: StageDesks = { news: new FlightNews(), leases: new LeaseDesk() };
  return withinTotal(request.job.timeouts.totalSeconds, () => resultOf(request, desks));
}

/** Of a stage, or of one of many elements that its workflow sees to. */
export async function resultOf(request: StageRequest, desks: StageDesks): Promise<StageResult> {
  const { job, cache, keep } = request;
  const kept = keep && (await keepResult(job, keep));
  if (kept?.result) return kept.result;
  if (cache === 'use') return findOrCompute(request, desks);
  const result = await computeStage(request, desks.leases);
  if (cache !== 'refresh') return result;
  const forced: StageResult = { ...result, cache: { outcome: 'forced' } };
  return CancellationScope.nonCancellable(() => storeResult({ job, result: forced }));
}

/**
 * A key is computed by one workflow at a time, whose id is the key: who starts it first, computes; who comes meanwhile,
 * waits for it. When it ends without a result, those who waited look again, and one of them computes.
 */
async function findOrCompute(request: StageRequest, desks: StageDesks): Promise<StageResult> {
  const { job, retry } = request;
  const { lookUp } = proxyActivities<CacheActivities>(lookUpOptions(job));
  for (;;) {
    const { key, result } = await lookUp(job);
    if (result) return result;
    if (key === undefined) return computeStage(request, desks.leases);
    const workflowId = flightWorkflowId(job.project, key);
    try {
      return await runChild<FlightWorkflow>(WORKFLOW.flight, {
        ...STAGE_WORKFLOW,
        workflowId,
        typedSearchAttributes: workflowInfo().typedSearchAttributes,
        // Read by whoever shows what others wait for.
        memo: { from: { runId: job.runId, stage: job.stage } },
        args: [{ job, retry }],
      });
    } catch (thrown) {
      if (!(thrown instanceof WorkflowExecutionAlreadyStartedError)) throw thrown;
    }
    const shared = await waitForFlight(desks.news, workflowId, job);
    if (shared) return shared;
  }
}
