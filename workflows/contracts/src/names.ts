/** Plain constants shared by every runtime; with `sandbox`, all of contracts that workflow code may import at run time. */

export const WORKFLOW = { pipeline: 'pipelineWorkflow', stage: 'stageWorkflow' } as const;

export const QUERY = { runView: 'runView' } as const;

/** Queue of the workflow worker and of the short control activities (seal, look up). */
export const CONTROL_QUEUE = 'vitrine.control';

const POOL_QUEUE_PREFIX = 'vitrine.pool.';

/** One task queue per pool: a stage of pool `cpu` is polled for on `vitrine.pool.cpu`. */
export function poolQueue(pool: string): string {
  return `${POOL_QUEUE_PREFIX}${pool}`;
}

/** Workflow id of a run; also what people see in Temporal's own page. */
export function runWorkflowId(project: string, runId: string): string {
  return `${project}/${runId}`;
}

/** Workflow id of one stage of a run. */
export function stageWorkflowId(project: string, runId: string, stage: string): string {
  return `${project}/${runId}/${stage}`;
}

export const SEARCH_ATTRIBUTE = { project: 'VitrineProject', pipeline: 'VitrinePipeline' } as const;

export const DEFAULT_PROJECT = 'default';
export const DEFAULT_POOL = 'default';
