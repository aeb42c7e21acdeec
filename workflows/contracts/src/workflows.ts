import type { RunRequest, RunStatus } from './run-record.js';
import type { PlannedLook } from './run-plan.js';
import type { Decision, RunView, StageStatus } from './run-view.js';
import type { ElementPlan, ElementSource, StageJob, StageResult } from './activities.js';
import type { ArtifactRef } from './artifact-ref.js';
import type { ElementsView } from './elements.js';
import type { ErrorView } from './errors.js';
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

/** What a run has come to. What its stages came to is in its record: a thousand of them are too long for a payload. */
export interface RunEnd {
  readonly project: string;
  readonly runId: string;
  readonly status: RunStatus;
  readonly endedAt: string;
}

/** Stages that a run computed, and those whose result it found or shared. */
export interface StageCounts {
  readonly computed: number;
  readonly found: number;
}

/** What a run came to, for the workflow that started it. */
export interface RunOutcome extends RunEnd {
  /** Devices times seconds that it computed. */
  readonly deviceSeconds: number;
  readonly stages: StageCounts;
  /** What it says of the metric that was asked for: null for what is no number. */
  readonly metric?: number | null;
  /** Why it gave nothing. */
  readonly error?: ErrorView;
}

/** An open run with as many of its stages as travel together. */
export interface RunPage {
  readonly run: Omit<RunView, 'stages'>;
  readonly stages: RunView['stages'];
  /** The stage that the next page begins with, to be asked for; absent on the last page. */
  readonly next?: string;
}

/** The end of a run as the workflow hands it over to be stored; the request is in the store. */
export interface RunToSeal {
  readonly end: RunEnd;
  /** Of a run that another workflow started; that of a submitted one is in the store. */
  readonly request?: RunRequest;
  /** Documents of stages by name, in their order. */
  readonly pages: readonly ArtifactRef[];
  /** Those after them. */
  readonly stages: Readonly<Record<string, StageStatus>>;
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
  /** Its workflow id: who waits may wait for several. */
  readonly flight: string;
  readonly result?: StageResult;
}

/** Input of `elements.workflow`. */
export interface ElementsRequest {
  /** Of the stage that is many. */
  readonly job: StageJob;
  /** Of each element. */
  readonly retry: RetryPolicy;
  /** As of a stage, for each element. */
  readonly cache?: 'use' | 'refresh';
  readonly earlier?: StageOrigin;
  readonly source: ElementSource;
  readonly maxParallel: number;
  readonly minSuccessRatio: number;
  /** How far it has come: a history holds so many events, so it goes on in another. */
  readonly soFar?: ElementsSoFar;
}

/** Where a history of elements begins. */
export interface ElementsPlace {
  readonly plan: ElementPlan;
  /** Elements that have been taken up, those of earlier histories included. */
  readonly taken: number;
  /** The page of the next one, and the elements before that page. */
  readonly page: number;
  readonly before: number;
}

export interface ElementsSoFar {
  readonly startedAt: string;
  readonly place: ElementsPlace;
  readonly view: ElementsView;
  /** What became of those that have ended. */
  readonly pages: readonly ArtifactRef[];
}

/** How the elements ended; a result exactly when enough of them succeeded. */
export interface ElementsEnd {
  readonly elements: ElementsView;
  readonly result?: StageResult;
  readonly error?: ErrorView;
}

/** By stage. */
export type PlanWorkflow = (request: RunRequest) => Promise<Record<string, PlannedLook>>;
export type PipelineWorkflow = (request: RunRequest) => Promise<RunOutcome>;
export type StageWorkflow = (request: StageRequest) => Promise<StageResult>;
export type ElementsWorkflow = (request: ElementsRequest) => Promise<ElementsEnd>;
export type FlightWorkflow = (request: FlightRequest) => Promise<StageResult>;
