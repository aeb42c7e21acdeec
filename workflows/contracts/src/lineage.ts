import { z } from 'zod';
import { ARTIFACT_TYPES, sha256Schema, type ArtifactType } from './artifact-ref.js';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { STAGE_KINDS } from './stages/index.js';

const artifactSchema = z.strictObject({
  /** Output or port; with its label where a port takes many: `evaluations.base`. */
  name: z.string(),
  type: z.enum(Object.keys(ARTIFACT_TYPES) as [ArtifactType, ...ArtifactType[]]),
  sha256: sha256Schema,
});

/** One computation: what a stage of a run made of what. */
export const lineageStepSchema = z.strictObject({
  runId: runIdSchema,
  stage: stageNameSchema,
  kind: z.enum(STAGE_KINDS as [(typeof STAGE_KINDS)[number], ...typeof STAGE_KINDS]),
  codeVersion: z.string(),
  seed: seedSchema,
  endedAt: z.iso.datetime().optional(),
  inputs: z.array(artifactSchema),
  outputs: z.array(artifactSchema),
});
export type LineageStep = z.infer<typeof lineageStepSchema>;

/** Where an artifact comes from, and what was made of it; the nearest first. Stages whose results were found made nothing. */
export const lineageSchema = z.strictObject({
  project: slugSchema,
  sha256: sha256Schema,
  upstream: z.array(lineageStepSchema),
  downstream: z.array(lineageStepSchema),
  /** There is more than is told here. */
  truncated: z.boolean(),
});
export type Lineage = z.infer<typeof lineageSchema>;
