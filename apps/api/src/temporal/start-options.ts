import type { WorkflowStartOptions } from '@temporalio/client';
import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { CONTROL_QUEUE, SEARCH_ATTRIBUTE } from '@vitrine/contracts/names';

/** Of whatever is started for a pipeline: where it is worked on, what it is found by, and that it is started once. */
export function startOptions(
  project: string,
  pipeline: string,
): Pick<
  WorkflowStartOptions,
  'taskQueue' | 'workflowIdConflictPolicy' | 'workflowIdReusePolicy' | 'typedSearchAttributes'
> & { readonly taskQueue: string } {
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return {
    taskQueue: CONTROL_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: new TypedSearchAttributes([
      keyword(SEARCH_ATTRIBUTE.project, project),
      keyword(SEARCH_ATTRIBUTE.pipeline, pipeline),
    ]),
  } as const;
}
