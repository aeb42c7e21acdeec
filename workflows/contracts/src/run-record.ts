import { z } from 'zod';
import { stagesByNameSchema } from './run-view.js';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { runOptionsSchema } from './run-options.js';
import { pipelineSpecSchema } from './pipeline-spec.js';

/** What the API hands to the pipeline workflow: frozen when the run is submitted. */
export const runRequestSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  spec: pipelineSpecSchema,
  /** Seed of each stage, by name. */
  seeds: z.record(stageNameSchema, seedSchema),
  /** Of all stage kinds together. */
  codeVersion: z.string(),
  /** Of each kind that the pipeline has: what its workers and its keys go by. Absent in runs older than these. */
  codeVersions: z.record(z.string(), z.string()).optional(),
  submittedAt: z.iso.datetime(),
  /** Pools of its stages that had a policy when it was submitted: their devices are asked for. */
  allocated: z.array(slugSchema).max(1000).optional(),
  /** Absent: as by default. */
  options: runOptionsSchema.optional(),
  /** The figure that whoever started the run wants with its end, as `stage.field`. */
  metric: z.string().optional(),
});

export type RunRequest = z.infer<typeof runRequestSchema>;

export const runStatusSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled']);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** The end of a run as the workflow knows it; `sealRun` writes it to the store. */
export const runRecordSchema = z.strictObject({
  request: runRequestSchema,
  status: runStatusSchema,
  stages: stagesByNameSchema,
  endedAt: z.iso.datetime(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** `run.json`: the truth about a closed run. */
export const sealedRunSchema = runRecordSchema.extend({ format: z.literal(1) });
export type SealedRun = z.infer<typeof sealedRunSchema>;
