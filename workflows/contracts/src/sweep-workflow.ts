import { z } from 'zod';
import type { ArtifactRef } from './artifact-ref.js';
import { segmentSchema, trialNewsSchema, type TrialNews } from './sweep-log.js';
import type { SweepBudget } from './sweep-spec.js';
import type { SweepRequest, SweepTally, SweepView } from './sweep-view.js';

/** What somebody asks of a sweep as a whole. */
export type SweepCommand = 'pause' | 'resume' | 'stop';

/** A rung that is to be run: the trial's stretches up to its end, the last of which is new. */
export const trialLegSchema = z.strictObject({
  trial: z.int().min(0),
  rung: z.int().min(0),
  segments: z.array(segmentSchema),
  /** When it was decided; the run is submitted as of then. */
  at: z.iso.datetime(),
});
export type TrialLeg = z.infer<typeof trialLegSchema>;

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
  /** More is to be begun than travels together: it is there for the asking. */
  readonly more?: true;
  /** Nothing is left to do once what runs has ended. */
  readonly finished: boolean;
}

/** On the control queue: all that a sweep decides, so that its history holds the decisions and not the mathematics. */
export interface SweepActivities {
  steerSweep(request: SteerRequest): Promise<SteerAnswer>;
  /** Keeps what is open of a sweep, or a part of it, for its next history. */
  storeOpen(project: string, open: SweepOpen): Promise<ArtifactRef>;
  recallOpen(project: string, open: ArtifactRef): Promise<SweepOpen>;
  /** Writes `sweep.json`, the record that outlives Temporal's retention; its request is in the store. Idempotent. */
  sealSweep(view: SweepView): Promise<ArtifactRef>;
}

/** A leg that is to be begun, or to be begun again where it was stopped. */
export const openLegSchema = trialLegSchema.extend({
  /** Of the next attempt, from 1. */
  attempt: z.int().min(1),
  /** What the attempts before cost. */
  deviceSeconds: z.number().min(0),
});
export type OpenLeg = z.infer<typeof openLegSchema>;

/** What is open of a sweep while no trial is under way. */
export const sweepOpenSchema = z.strictObject({
  /** Not yet told to the sampler and the scheduler. */
  news: z.array(trialNewsSchema),
  waiting: z.array(openLegSchema),
});
export type SweepOpen = z.infer<typeof sweepOpenSchema>;

/** Where a history of a sweep goes on. */
export interface SweepSoFar extends SweepOpen {
  readonly log?: ArtifactRef;
  readonly tally?: SweepTally;
  /** What else is open, where it is too long to be carried: in the store. */
  readonly stored?: readonly ArtifactRef[];
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
