import type { WorkflowStartOptions } from '@temporalio/client';
import { CONTROL_QUEUE } from '@vitrine/contracts/names';
import { searchAttributes } from './search-attributes.js';

/** Of whatever is started for a pipeline: where it is worked on, what it is found by, and that it is started once. */
export function startOptions(
  project: string,
  pipeline: string,
): Pick<
  WorkflowStartOptions,
  'taskQueue' | 'workflowIdConflictPolicy' | 'workflowIdReusePolicy' | 'typedSearchAttributes'
> & { readonly taskQueue: string } {
  return {
    taskQueue: CONTROL_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: searchAttributes(project, pipeline),
  } as const;
}
