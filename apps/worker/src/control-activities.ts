import { ApplicationFailure } from '@temporalio/common';
import type { ArtifactStore, CacheStore, LineageStore, RunStore } from '@vitrine/artifact-store';
import {
  failureFields,
  toVitrineError,
  type ControlActivities,
  type RunEvent,
  type RunRecord,
} from '@vitrine/contracts';
import type { MetricSink } from '@vitrine/metrics';
import { createCacheControl, createElementControl } from '@vitrine/stages';

export interface ControlDeps {
  readonly runs: RunStore;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => Date;
  readonly metrics: MetricSink;
}

/** The short activities of the control queue. */
export function createControlActivities(deps: ControlDeps): ControlActivities {
  const { runs, lineage, metrics } = deps;
  return {
    ...createCacheControl(deps),
    ...createElementControl(deps),
    sealRun: async (record) => {
      try {
        const sealed = { format: 1 as const, ...record };
        const ref = await runs.seal(sealed);
        await lineage.record(sealed);
        countEnd(metrics, record);
        return ref;
      } catch (error) {
        const view = toVitrineError(error).toView();
        // Another record is sealed already: the one thing that no waiting and no correction of the configuration mends.
        throw ApplicationFailure.create({ ...failureFields(view), nonRetryable: view.code === 'Conflict' });
      }
    },
  };
}

function countEnd(metrics: MetricSink, { request, status, endedAt }: RunRecord): void {
  const labels = { project: request.project, status };
  const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(request.submittedAt)) / 1000;
  metrics.inc({ name: 'vitrine_runs_ended_total', labels });
  metrics.observe({ name: 'vitrine_run_seconds', labels }, seconds);
}
