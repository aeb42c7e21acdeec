import { CancellationScope, proxyActivities, workflowInfo } from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  type SearchAttributePair,
} from '@temporalio/common';
import type {
  PipelineWorkflow,
  RunRequest,
  RunStatus,
  ScheduleActivities,
  ScheduledInput,
  ScheduledStart,
} from '@vitrine/contracts';
import { runWorkflowId, SEARCH_ATTRIBUTE, WORKFLOW } from '@vitrine/contracts/names';
import { CONTROL, STAGE_WORKFLOW } from './activity-options.js';
import { readFailure } from './fail.js';
import { runChild } from './run-child.js';

const { prepareStart, concludeStart } = proxyActivities<ScheduleActivities>(CONTROL);

/** Set by Temporal on what a schedule starts. */
const DUE = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/**
 * What a schedule starts at each of its times: an activity looks whether there is something to do, plans the run and stores its request, so
 * that the run is like one that somebody submits, and needs no API. It lasts as long as the run does, because the overlap policy of the
 * schedule goes by that; a request to cancel is one to cancel the run.
 */
export async function scheduledWorkflow({ spec }: ScheduledInput): Promise<{ readonly runId?: string }> {
  const { runId: id, startTime, typedSearchAttributes } = workflowInfo();
  const at = (typedSearchAttributes.get(DUE) ?? startTime).toISOString();
  const start: ScheduledStart = { spec, id, at };
  const { request } = await CancellationScope.nonCancellable(() => prepareStart(start));
  if (!request) return {};
  const status = await endOf(request);
  const { runId } = request;
  await CancellationScope.nonCancellable(() => concludeStart({ ...start, runId, status }));
  return { runId };
}

async function endOf(request: RunRequest): Promise<RunStatus> {
  const { project, runId, spec } = request;
  try {
    const { status } = await runChild<PipelineWorkflow>(WORKFLOW.pipeline, {
      ...STAGE_WORKFLOW,
      workflowId: runWorkflowId(project, runId),
      typedSearchAttributes: new TypedSearchAttributes([
        keyword(SEARCH_ATTRIBUTE.project, project),
        keyword(SEARCH_ATTRIBUTE.pipeline, spec.name),
      ]),
      args: [request],
    });
    return status;
  } catch (thrown) {
    return readFailure(thrown).code === 'Cancelled' ? 'cancelled' : 'failed';
  }
}

function keyword(name: string, value: string): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}
