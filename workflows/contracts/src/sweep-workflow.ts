import type { ArtifactRef } from './artifact-ref.js';
import type { Segment, TrialNews } from './sweep-log.js';
import type { SweepBudget } from './sweep-spec.js';
import type { SealedSweep, SweepRequest, SweepTally, SweepView } from './sweep-view.js';

/** What somebody asks of a sweep as a whole. */
export type SweepCommand = 'pause' | 'resume' | 'stop';

/** A rung that is to be run: the trial's stretches up to its end, the last of which is new. */
export interface TrialLeg {
  readonly trial: number;
  readonly rung: number;
  readonly segments: readonly Segment[];
  /** When it was decided; the run is submitted as of then. */
  readonly at: string;
}

/** What is asked of the sampler and the scheduler: what was heard, and how many slots are free. */
export interface SteerRequest {
  readonly project: string;
  readonly sweepId: string;
  /** The last page of the log; absent before the first. */
  readonly log?: ArtifactRef;
  readonly news: readonly TrialNews[];
  readonly free: number;
  /** The sweep is over: what waits is stopped, and nothing begun. */
  readonly close?: true;
  /** The budget as it is now. */
  readonly budget: SweepBudget;
  /** ISO 8601, UTC: what is decided is decided now. */
  readonly at: string;
}

export interface SteerAnswer {
  readonly log: ArtifactRef;
  readonly legs: readonly TrialLeg[];
  readonly tally: SweepTally;
  /** Nothing is left to do once what runs has ended. */
  readonly finished: boolean;
}

/** On the control queue: all that a sweep decides, so that its history holds the decisions and not the mathematics. */
export interface SweepActivities {
  steerSweep(request: SteerRequest): Promise<SteerAnswer>;
  /** Writes `sweep.json`, the record that outlives Temporal's retention. Idempotent. */
  sealSweep(sweep: SealedSweep): Promise<ArtifactRef>;
}

/** A leg that is to be begun, or to be begun again where it was stopped. */
export interface OpenLeg extends TrialLeg {
  /** Of the next attempt, from 1. */
  readonly attempt: number;
  /** What the attempts before cost. */
  readonly deviceSeconds: number;
}

/** Where a history of a sweep goes on. */
export interface SweepSoFar {
  readonly log?: ArtifactRef;
  readonly tally?: SweepTally;
  /** Not yet told to the sampler and the scheduler. */
  readonly news: readonly TrialNews[];
  readonly waiting: readonly OpenLeg[];
  readonly parallelism: number;
  readonly budget: SweepBudget;
  readonly paused: boolean;
  /** Whether any trial has reported the metric. */
  readonly heard: boolean;
}

export interface SweepInput {
  readonly request: SweepRequest;
  readonly soFar?: SweepSoFar;
}

export type SweepWorkflow = (input: SweepInput) => Promise<SweepView>;
