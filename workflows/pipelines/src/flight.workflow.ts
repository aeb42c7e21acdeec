import {
  CancellationScope,
  defineSignal,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  CacheActivities,
  ControlActivities,
  FlightOver,
  FlightRequest,
  JoinFlight,
  StageResult,
} from '@vitrine/contracts';
import { SIGNAL } from '@vitrine/contracts/names';
import { CONTROL, lookUpOptions } from './activity-options.js';
import { computeStage } from './compute-stage.js';
import { LeaseDesk } from './lease-desk.js';

const { storeResult } = proxyActivities<ControlActivities>(CONTROL);

/** The one computation of a key, as a child of the stage that wanted it first. Tells whoever joined how it ended. */
export async function flightWorkflow(request: FlightRequest): Promise<StageResult> {
  const waiting = new Set<string>();
  setHandler(defineSignal<[JoinFlight]>(SIGNAL.joinFlight), ({ workflowId }) => void waiting.add(workflowId));
  let result: StageResult | undefined;
  try {
    result = await compute(request, new LeaseDesk());
    return result;
  } finally {
    await CancellationScope.nonCancellable(() => tell(waiting, forOthers(request, result)));
  }
}

async function compute({ job, retry }: FlightRequest, leases: LeaseDesk): Promise<StageResult> {
  const { lookUp } = proxyActivities<CacheActivities>(lookUpOptions(job));
  // Another flight of the key may have ended since the stage looked: only now can there be no other one.
  const { key, result: found, reason = 'nothing was found' } = await lookUp(job);
  if (found) return found;
  const computed = await computeStage(
    {
      job: { ...job, ...(key !== undefined && { key }) },
      retry,
      cache: 'use',
    },
    leases,
  );
  const result: StageResult = {
    ...computed,
    cache: { outcome: 'miss', ...(key !== undefined && { key }), reason },
  };
  // Also when nobody wants it any more: the work is done.
  return CancellationScope.nonCancellable(() => storeResult({ job, result }));
}

function forOthers({ job: { runId, stage } }: FlightRequest, result: StageResult | undefined): FlightOver {
  const flight = workflowInfo().workflowId;
  if (!result) return { flight };
  const { reason: _reason, ...cache } = { ...result.cache, outcome: 'shared' as const };
  return { flight, result: { ...result, cache: { ...cache, from: result.cache?.from ?? { runId, stage } } } };
}

/** Some may join while others are told; who has ended meanwhile need not be told. */
async function tell(waiting: Set<string>, over: FlightOver): Promise<void> {
  const signal = defineSignal<[FlightOver]>(SIGNAL.flightOver);
  while (waiting.size > 0) {
    const told = [...waiting];
    waiting.clear();
    await Promise.all(
      told.map((id) =>
        getExternalWorkflowHandle(id)
          .signal(signal, over)
          .catch(() => undefined),
      ),
    );
  }
}
