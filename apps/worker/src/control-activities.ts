import { ApplicationFailure } from '@temporalio/common';
import type { ArtifactStore, CacheStore, LineageStore, RunStore } from '@vitrine/artifact-store';
import { failureFields, toVitrineError, type ControlActivities, type RunEvent } from '@vitrine/contracts';
import { createCacheControl, createElementControl } from '@vitrine/stages';

export interface ControlDeps {
  readonly runs: RunStore;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => Date;
}

/** The short activities of the control queue. */
export function createControlActivities(deps: ControlDeps): ControlActivities {
  const { runs, lineage } = deps;
  return {
    ...createCacheControl(deps),
    ...createElementControl(deps),
    sealRun: async (record) => {
      try {
        const sealed = { format: 1 as const, ...record };
        const ref = await runs.seal(sealed);
        await lineage.record(sealed);
        return ref;
      } catch (error) {
        const view = toVitrineError(error).toView();
        // Another record is sealed already: the one thing that no waiting and no correction of the configuration mends.
        throw ApplicationFailure.create({ ...failureFields(view), nonRetryable: view.code === 'Conflict' });
      }
    },
  };
}
