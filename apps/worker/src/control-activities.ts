import { ApplicationFailure } from '@temporalio/common';
import type { CacheStore, LineageStore, SweepStore } from '@vitrine/artifact-store';
import {
  failureFields,
  stagesByNameSchema,
  toVitrineError,
  VitrineError,
  type ControlActivities,
  type RunEvent,
  type RunToSeal,
  type ScheduleActivities,
  type SealedRun,
  type SweepActivities,
} from '@vitrine/contracts';
import type { MetricSink } from '@vitrine/metrics';
import {
  createCacheControl,
  createElementControl,
  createScheduleControl,
  createSweepControl,
  type ScheduleDeps,
} from '@vitrine/stages';

export interface ControlDeps extends ScheduleDeps {
  readonly sweeps: SweepStore;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
  readonly emit: (event: RunEvent) => void;
  readonly metrics: MetricSink;
}

/** The short activities of the control queue. */
export function createControlActivities(
  deps: ControlDeps,
): ControlActivities & SweepActivities & ScheduleActivities {
  const { runs, lineage, metrics } = deps;
  return {
    ...createCacheControl(deps),
    ...createElementControl(deps),
    ...createSweepControl(deps),
    ...createScheduleControl(deps),
    storeStages: (project, stages) =>
      deps.artifacts(project).put('document', Buffer.from(JSON.stringify(stages))),
    sealRun: async (run) => {
      try {
        const sealed = await recordOf(deps, run);
        const ref = await runs.seal(sealed);
        await lineage.record(sealed);
        countEnd(metrics, sealed);
        return ref;
      } catch (error) {
        const view = toVitrineError(error).toView();
        // Another record is sealed already: the one thing that no waiting and no correction of the configuration mends.
        throw ApplicationFailure.create({ ...failureFields(view), nonRetryable: view.code === 'Conflict' });
      }
    },
  };
}

/** The whole record: what the workflow was given is in the store, and what it says of its stages in pages. */
async function recordOf({ runs, artifacts }: ControlDeps, run: RunToSeal): Promise<SealedRun> {
  const { project, runId, status, endedAt } = run.end;
  const request = run.request ?? (await runs.getRequest(project, runId));
  if (!request)
    throw new VitrineError('NotFound', 'A run has ended whose request is not in the store.', {
      where: `${project}/${runId}`,
      expected: 'the request that was stored when the run was submitted',
    });
  const stages: SealedRun['stages'] = {};
  for (const page of run.pages) {
    const decoded: unknown = JSON.parse(Buffer.from(await artifacts(project).get(page)).toString('utf8'));
    Object.assign(stages, stagesByNameSchema.parse(decoded));
  }
  return { format: 1, request, status, stages: { ...stages, ...run.stages }, endedAt };
}

function countEnd(metrics: MetricSink, { request, status, endedAt }: SealedRun): void {
  const labels = { project: request.project, status };
  const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(request.submittedAt)) / 1000;
  metrics.inc({ name: 'vitrine_runs_ended_total', labels });
  metrics.observe({ name: 'vitrine_run_seconds', labels }, seconds);
}
