import { ApplicationFailure } from '@temporalio/common';
import type { RunStore } from '@vitrine/artifact-store';
import { failureFields, toVitrineError, type ControlActivities } from '@vitrine/contracts';

/** The short activities of the control queue. */
export function createControlActivities(runs: RunStore): ControlActivities {
  return {
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
