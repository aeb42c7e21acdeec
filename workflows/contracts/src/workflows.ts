import type { RunRequest } from './run-record.js';
import type { RunView } from './run-view.js';
import type { StageJob, StageResult } from './activities.js';
import type { RetryPolicy } from './pipeline-spec.js';

/** Input of `stage.workflow`. */
export interface StageRequest {
  readonly job: StageJob;
  readonly retry: RetryPolicy;
}

export type PipelineWorkflow = (request: RunRequest) => Promise<RunView>;
export type StageWorkflow = (request: StageRequest) => Promise<StageResult>;
