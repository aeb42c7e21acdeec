import { z } from 'zod';
import { artifactRefSchema, type ArtifactRef } from './artifact-ref.js';
import { runIdSchema, seedSchema, slugSchema } from './ids.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { resourcesSchema, timeoutsSchema } from './pipeline-spec.js';
import type { RunRecord } from './run-record.js';
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
  /** Digest of the stage bundle that planned the run. */
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
});

export type StageResult = z.infer<typeof stageResultSchema>;

/** Runs on a pool's queue. Long; heartbeats while the child process makes progress. */
export interface StageActivities {
  runStage(job: StageJob): Promise<StageResult>;
}

/** Short; on the control queue. */
export interface ControlActivities {
  /** Writes `run.json`, the record that outlives Temporal's retention. Idempotent. */
  sealRun(record: RunRecord): Promise<ArtifactRef>;
}
