import type { ArtifactRef } from './artifact-ref.js';
import type { Segment, TrialNews } from './sweep-log.js';
import type { SweepBudget } from './sweep-spec.js';
import type { SealedSweep, SweepRequest, SweepTally, SweepView } from './sweep-view.js';
import type { ErrorView } from './errors.js';

/** What somebody asks of a sweep as a whole. */
export type SweepCommand = 'pause' | 'resume' | 'stop';

/** A rung that is to be run: the trial's stretches up to its end, the last of which is new. */
export interface TrialLeg {
  readonly trial: number;
  readonly rung: number;
  readonly segments: readonly Segment[];
}

/** What is asked of the sampler and the scheduler: what was heard, and how many slots are free. */
export interface SteerRequest {
  readonly project: string;
  readonly sweepId: string;
  /** The last page of the log; absent before the first. */
  readonly log?: ArtifactRef;
  readonly news: readonly TrialNews[];
  readonly free: number;
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
  /** Writes down the requests of runs that are about to start, so that they can be shown. Idempotent. */
  sealSweep(sweep: SealedSweep): Promise<ArtifactRef>;
}

/** A leg that was stopped before its end, and goes on from its checkpoint. */
export interface OpenLeg extends TrialLeg {
  /** How often it was begun. */
  readonly attempt: number;
}

/** Where a history of a sweep goes on. */
export interface SweepSoFar {
  readonly log?: ArtifactRef;
  readonly news: readonly TrialNews[];
  readonly legs: readonly OpenLeg[];
  readonly tally?: SweepTally;
  readonly finished: boolean;
  readonly parallelism: number;
  readonly budget: SweepBudget;
  readonly paused: boolean;
  readonly heard: boolean;
  readonly error?: ErrorView;
}

export interface SweepInput {
  readonly request: SweepRequest;
  readonly soFar?: SweepSoFar;
}

export type SweepWorkflow = (input: SweepInput) => Promise<SweepView>;
