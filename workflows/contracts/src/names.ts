/** Plain constants shared by every runtime; with `sandbox`, all of contracts that workflow code may import at run time. */

export const WORKFLOW = {
  pipeline: 'pipelineWorkflow',
  stage: 'stageWorkflow',
  flight: 'flightWorkflow',
  plan: 'planWorkflow',
  elements: 'elementsWorkflow',
  sweep: 'sweepWorkflow',
  pool: 'poolWorkflow',
  scheduled: 'scheduledWorkflow',
} as const;

export const QUERY = {
  runView: 'runView',
  elements: 'elements',
  sweepView: 'sweepView',
  poolView: 'poolView',
  poolPolicy: 'poolPolicy',
  poolYields: 'poolYields',
} as const;

export const SIGNAL = {
  decideStage: 'decideStage',
  joinFlight: 'joinFlight',
  flightOver: 'flightOver',
  commandSweep: 'commandSweep',
  editSweep: 'editSweep',
  askPool: 'askPool',
  releaseLease: 'releaseLease',
  leaseGranted: 'leaseGranted',
  reportWorker: 'reportWorker',
  drainWorker: 'drainWorker',
  setPoolPolicy: 'setPoolPolicy',
  retirePool: 'retirePool',
} as const;

/** Queue of the workflow worker and of the short control activities (seal, look up). */
export const CONTROL_QUEUE = 'vitrine.control';

/** Of activities that do nothing but wait, thousands of them at a time. */
export const WATCH_QUEUE = 'vitrine.watch';

const POOL_QUEUE_PREFIX = 'vitrine.pool.';

/** One task queue per pool: a stage of pool `cpu` is polled for on `vitrine.pool.cpu`. */
export function poolQueue(pool: string): string {
  return `${POOL_QUEUE_PREFIX}${pool}`;
}

/** Of one worker of a pool: a stage that was given devices there is run there and nowhere else. */
export function workerQueue(pool: string, worker: string): string {
  return `${poolQueue(pool)}@${worker}`;
}

/** Beside a pool's queue: questions about results that need no device, and are answered while all devices are busy. */
export function cacheQueue(pool: string): string {
  return `${poolQueue(pool)}.cache`;
}

/** Workflow id of a run; also what people see in Temporal's own page. */
export function runWorkflowId(project: string, runId: string): string {
  return `${project}/${runId}`;
}

/** Workflow id of one stage of a run. */
export function stageWorkflowId(project: string, runId: string, stage: string): string {
  return `${project}/${runId}/${stage}`;
}

/** Workflow id of the elements of a stage: of a fan-out, or of work that is cut into chunks. */
export function elementsWorkflowId(project: string, runId: string, stage: string): string {
  return `${stageWorkflowId(project, runId, stage)}.elements`;
}

/** Workflow id of the computation of a key: Temporal runs at most one workflow of an id, so a key is computed once. */
export function flightWorkflowId(project: string, key: string): string {
  return `${project}/.cache/${key}`;
}

/** Workflow id of the look ahead at a run that may never be started. */
export function planWorkflowId(project: string, runId: string): string {
  return `${project}/.plan/${runId}`;
}

/** Workflow id of a sweep. */
export function sweepWorkflowId(project: string, sweepId: string): string {
  return `${project}/.sweep/${sweepId}`;
}

/** Workflow id of a pool whose devices are given out by a policy. */
export function poolWorkflowId(pool: string): string {
  return `.pool/${pool}`;
}

/** Id of a schedule, and what the ids of the workflows begin with that it starts. */
export function scheduleId(project: string, schedule: string): string {
  return `${project}/.schedule/${schedule}`;
}

export const SEARCH_ATTRIBUTE = { project: 'VitrineProject', pipeline: 'VitrinePipeline' } as const;

export const DEFAULT_PROJECT = 'default';
export const DEFAULT_POOL = 'default';
/** Class of a run that names none. */
export const DEFAULT_PRIORITY = 'normal';
