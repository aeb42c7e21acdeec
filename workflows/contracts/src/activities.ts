import { z } from 'zod';
import { artifactRefSchema, sha256Schema, type ArtifactRef } from './artifact-ref.js';
import { failureRulesSchema } from './failure-rules.js';
import { runIdSchema, seedSchema, slugSchema } from './ids.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { resourcesSchema, timeoutsSchema } from './pipeline-spec.js';
import type { RunRecord } from './run-record.js';
import { cacheUseSchema, type StageOrigin } from './stage-cache.js';
import { STAGE_KINDS } from './stages/index.js';

/** One stage of one run with its references resolved: all that a worker needs to do the work. */
export const stageJobSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  stage: slugSchema,
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
  /** Digest of the code of the kind that the run was planned with. */
  codeVersion: z.string(),
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

/** Runs on a pool's queue. Long; heartbeats while the child process makes progress. */
export interface StageActivities {
  runStage(job: StageJob): Promise<StageResult>;
}

export interface ComputedStage {
  readonly job: StageJob;
  readonly result: StageResult;
}

/** On the queue beside a pool's: answered while all its devices are busy, by workers that compute alike. */
export interface CacheActivities {
  lookUp(job: StageJob): Promise<CacheAnswer>;
  /** As `lookUp`, for somebody who only wants to know: says nothing in any log, and mends nothing. */
  peek(job: StageJob): Promise<CacheAnswer>;
}

/** Short; on the control queue. */
export interface ControlActivities {
  /** Writes `run.json`, the record that outlives Temporal's retention. Idempotent. */
  sealRun(record: RunRecord): Promise<ArtifactRef>;
  /** Keeps a computed result for others, in place of what is stored under its key; answers with the key in it. Idempotent. */
  storeResult(computed: ComputedStage): Promise<StageResult>;
  /** The result of an earlier run's stage, if all its outputs are still what they were. */
  keepResult(job: StageJob, earlier: StageOrigin): Promise<KeptAnswer>;
}
