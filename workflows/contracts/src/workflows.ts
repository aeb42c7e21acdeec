import type { RunRequest } from './run-record.js';
import type { PlannedLook } from './run-plan.js';
import type { Decision, RunView } from './run-view.js';
import type { StageJob, StageResult } from './activities.js';
import type { StageOrigin } from './stage-cache.js';
import type { RetryPolicy } from './pipeline-spec.js';

/** Input of `stage.workflow`. */
export interface StageRequest {
  readonly job: StageJob;
  readonly retry: RetryPolicy;
  /** Absent: computed, and not kept. `refresh`: computed, and kept in place of an earlier result. */
  readonly cache?: 'use' | 'refresh';
  /** Whose result is taken over if it is whole. */
  readonly keep?: StageOrigin;
}

/** Tells a run what a person has decided about one of its stages. */
export interface DecideStage {
  readonly stage: string;
  readonly decision: Decision;
}

/** Input of `flight.workflow`. */
export interface FlightRequest {
  readonly job: StageJob;
  readonly retry: RetryPolicy;
}

/** Tells a flight who waits for it. */
export interface JoinFlight {
  readonly workflowId: string;
}

/** Tells who waited that the flight is over; without a result when it came to none. */
export interface FlightOver {
  readonly result?: StageResult;
}

/** By stage. */
export type PlanWorkflow = (request: RunRequest) => Promise<Record<string, PlannedLook>>;
export type PipelineWorkflow = (request: RunRequest) => Promise<RunView>;
export type StageWorkflow = (request: StageRequest) => Promise<StageResult>;
export type FlightWorkflow = (request: FlightRequest) => Promise<StageResult>;
