import { z } from 'zod';
import { artifactRefSchema, sha256Schema, type ArtifactRef } from './artifact-ref.js';
import { elementsViewSchema, partSchema, plannedElementSchema } from './elements.js';
import { errorViewSchema } from './error-view.js';
import { failureRulesSchema } from './failure-rules.js';
import type { ForEach } from './for-each.js';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { resourcesSchema, timeoutsSchema } from './pipeline-spec.js';
import type { StageStatus } from './run-view.js';
import type { RunToSeal } from './workflows.js';
import { cacheUseSchema, type StageOrigin } from './stage-cache.js';
import { STAGE_KINDS } from './stages/index.js';

/** One stage of one run with its references resolved: all that a worker needs to do the work. */
export const stageJobSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  stage: stageNameSchema,
  kind: z.enum(STAGE_KINDS as [(typeof STAGE_KINDS)[number], ...typeof STAGE_KINDS]),
  pool: slugSchema,
  seed: seedSchema,
  /** Checked against the kind's own schema at activity entry. */
  params: z.record(z.string(), z.unknown()),
  inputs: z.record(z.string(), z.union([artifactRefSchema, z.record(z.string(), artifactRefSchema)])),
  resources: resourcesSchema,
  timeouts: timeoutsSchema,
  /** The stage's own; those of the configuration and the shipped ones follow. */
  failures: failureRulesSchema.default([]),
  /** Workers that hand it back while the pool has another: they are what failed it. */
  avoid: z.array(z.string()).max(1000).optional(),
  /** When the attempt before this one was last heard of, for one that was lost. */
  interruptedAt: z.iso.datetime().optional(),
  /** Digest of the code of the kind that the run was planned with. */
  codeVersion: z.string(),
  /** Its share of what the results of a run may have in sum, as characters of JSON; 256 KiB when left out. */
  resultCharacters: z.int().min(1).optional(),
  /** Earlier runs of the same stage, whose checkpoint it goes on from when it has none; the last one first. */
  continues: z.array(runIdSchema).max(1000).optional(),
  /** Absent: the whole of it. */
  part: partSchema.optional(),
  /** Class in which its devices are asked for; absent where the pool has no policy, and serves who comes first. */
  priority: slugSchema.optional(),
  /** Of the pool that gave it its devices. */
  lease: z.string().optional(),
  /** Of its result, where that is kept: whoever computes it goes on from the last checkpoint of whoever did before. */
  key: sha256Schema.optional(),
});

export type StageJob = z.infer<typeof stageJobSchema>;

export const stageResultSchema = z.strictObject({
  outputs: z.record(z.string(), artifactRefSchema),
  /** The kind's own summary. */
  summary: z.record(z.string(), z.unknown()),
  /** How often the stage was started; 1 for an undisturbed one. */
  epoch: z.int().min(1),
  /** The step this attempt resumed from; 0 when it started afresh. */
  resumedFromStep: z.int().min(0),
  profile: numericsProfileSchema,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** Absent for a stage whose results are not kept. */
  cache: cacheUseSchema.optional(),
  /** Of a fan-out, or of work that was cut into chunks. */
  elements: elementsViewSchema.optional(),
});

export type StageResult = z.infer<typeof stageResultSchema>;

/** What is known of a stage before it runs: its key on this pool, and its result or why there is none. */
export const cacheAnswerSchema = z.strictObject({
  /** Absent when it cannot be told: then the stage is computed, and not kept. */
  key: sha256Schema.optional(),
  /** Its outputs have been read, and their digests are right. */
  result: stageResultSchema.optional(),
  /** Given exactly when there is no result. */
  reason: z.string().optional(),
});
export type CacheAnswer = z.infer<typeof cacheAnswerSchema>;

/** As `CacheAnswer`, of a result of an earlier run that is asked for by name. */
export type KeptAnswer = Omit<CacheAnswer, 'key'>;

/** What became of one element of a stage. */
export const endedElementSchema = z.strictObject({
  index: z.int().min(0),
  item: z.unknown(),
  /** All that its result depends on, code and numerics apart, as a digest. */
  recipe: sha256Schema.optional(),
  result: stageResultSchema.optional(),
  error: errorViewSchema.optional(),
});
export type EndedElement = z.infer<typeof endedElementSchema>;

/** An element as the stage's workflow takes it up; with a result when an earlier run's is taken over. */
export const elementEntrySchema = plannedElementSchema.extend({
  recipe: sha256Schema,
  kept: stageResultSchema.optional(),
});
export type ElementEntry = z.infer<typeof elementEntrySchema>;

/** Where the elements of a stage come from. */
export type ElementSource =
  | {
      readonly type: 'list';
      readonly forEach: ForEach;
      /** What `over` names. */
      readonly over?: ArtifactRef;
    }
  | { readonly type: 'chunks'; readonly total: number; readonly size: number };

export interface ElementsToPlan {
  readonly job: StageJob;
  readonly source: ElementSource;
  /** Whose elements are taken over where they are described alike and whole. */
  readonly earlier?: StageOrigin;
}

/** Elements in their order, in documents of a size that travels. */
export interface ElementPlan {
  readonly total: number;
  /** Items without an element, for want of an input, that count as elements that did not succeed. */
  readonly lost?: number;
  readonly pages: readonly ArtifactRef[];
}

export interface ElementsToCollect {
  readonly job: StageJob;
  readonly of: ElementSource['type'];
  readonly pages: readonly ArtifactRef[];
  /** Whether a list is made of each output: not for a stage that failed. */
  readonly lists: boolean;
}

export interface CollectedElements {
  /** A list by output. */
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  readonly record: ArtifactRef;
  /** Absent when elements were computed under several. */
  readonly profile?: StageResult['profile'];
}

/** Runs on a pool's queue. Long; heartbeats while the child process makes progress. */
export interface StageActivities {
  runStage(job: StageJob): Promise<StageResult>;
}

export interface ComputedStage {
  readonly job: StageJob;
  readonly result: StageResult;
}

/** Of a run whose request is in the store. */
export interface StagesAhead {
  readonly project: string;
  readonly runId: string;
  /** Its stages are looked for. */
  readonly pool: string;
  /** What has been found: outputs by stage. */
  readonly known: Readonly<Record<string, Pick<StageResult, 'outputs'>>>;
}

export interface StagesFound {
  readonly found: Readonly<Record<string, StageResult>>;
  /** More may be found: these are as many as travel. */
  readonly more: boolean;
}

/** On the queue beside a pool's: answered while all its devices are busy, by workers that compute alike. */
export interface CacheActivities {
  lookUp(job: StageJob): Promise<CacheAnswer>;
  /** As `lookUp`, for somebody who only wants to know: says nothing in any log, and mends nothing. */
  peek(job: StageJob): Promise<CacheAnswer>;
  /** Results of stages of a run that are known, those after one another too: without a workflow and a question for each. */
  lookAhead(ahead: StagesAhead): Promise<StagesFound>;
}

/** A stage that waits for another workflow, which computes what it wants. */
export interface FlightToWatch extends StageOrigin {
  readonly project: string;
  /** Its workflow id. */
  readonly flight: string;
}

/** On a queue of their own: as long as what they wait for, and without any work. */
export interface WatchActivities {
  /** Says who computes what the stage waits for, and ends when that workflow has, by whatever end. */
  watchFlight(waiting: FlightToWatch): Promise<void>;
}

/** Short; on the control queue. */
export interface ControlActivities {
  /** Writes `run.json`, the record that outlives Temporal's retention. Idempotent. */
  sealRun(run: RunToSeal): Promise<ArtifactRef>;
  /** Stages of a run that is to be sealed and has more of them than travel together. Idempotent. */
  storeStages(project: string, stages: Readonly<Record<string, StageStatus>>): Promise<ArtifactRef>;
  /** Keeps a computed result for others, in place of what is stored under its key; answers with the key in it. Idempotent. */
  storeResult(computed: ComputedStage): Promise<StageResult>;
  /** Reads the list, refuses one that is none or too long, and writes down its elements. Idempotent. */
  planElements(elements: ElementsToPlan): Promise<ElementPlan>;
  readElements(project: string, page: ArtifactRef): Promise<ElementEntry[]>;
  /** Writes down what became of some elements. */
  storeElements(project: string, ended: readonly EndedElement[]): Promise<ArtifactRef>;
  /** One list of each output, and one record of all elements. */
  collectElements(elements: ElementsToCollect): Promise<CollectedElements>;
  /** The result of an earlier run's stage, if all its outputs are still what they were. */
  keepResult(job: StageJob, earlier: StageOrigin): Promise<KeptAnswer>;
}
