import { ApplicationFailure } from '@temporalio/common';
import type { CacheStore, RunStore } from '@vitrine/artifact-store';
import { failureFields, toVitrineError, type ControlActivities, type RunEvent } from '@vitrine/contracts';
import { createCacheControl } from '@vitrine/stages';

export interface ControlDeps {
  readonly runs: RunStore;
  readonly cache: CacheStore;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => Date;
}

/** The short activities of the control queue. */
export function createControlActivities(deps: ControlDeps): ControlActivities {
  const { runs } = deps;
  return {
    ...createCacheControl(deps),
    sealRun: async (record) => {
      try {
        return await runs.seal({ format: 1, ...record });
      } catch (error) {
        const view = toVitrineError(error).toView();
        // Another record is sealed already: the one thing that no waiting and no correction of the configuration mends.
        throw ApplicationFailure.create({ ...failureFields(view), nonRetryable: view.code === 'Conflict' });
      }
    },
  };
}
