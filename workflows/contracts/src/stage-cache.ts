import { z } from 'zod';
import { artifactRefSchema, sha256Schema } from './artifact-ref.js';
import { chunkSchema } from './elements.js';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { STAGE_KINDS } from './stages/index.js';

/** The stage of a run, in the same project, that a result was computed in. */
export const stageOriginSchema = z.strictObject({ runId: runIdSchema, stage: stageNameSchema });
export type StageOrigin = z.infer<typeof stageOriginSchema>;

/** All that a stage's result depends on; its sha256 in canonical form is the key of the result. */
export const cachePartsSchema = z.strictObject({
  /** Results are never shared between projects. */
  project: slugSchema,
  kind: z.enum(STAGE_KINDS as [(typeof STAGE_KINDS)[number], ...typeof STAGE_KINDS]),
  codeVersion: z.string(),
  /** With defaults filled in. */
  params: z.record(z.string(), z.unknown()),
  seed: seedSchema,
  /** Digests by port, or by port and label: readers see labels. */
  inputs: z.record(z.string(), z.union([sha256Schema, z.record(z.string(), sha256Schema)])),
  /** Of work that is cut into chunks. */
  chunk: chunkSchema.optional(),
  /** What the bits depend on besides; opaque here. */
  profile: numericsProfileSchema,
});
export type CacheParts = z.infer<typeof cachePartsSchema>;

/** What is kept of a computed stage: found by key, never by name. */
export const cacheEntrySchema = z.strictObject({
  format: z.literal(1),
  key: sha256Schema,
  parts: cachePartsSchema,
  from: stageOriginSchema,
  outputs: z.record(z.string(), artifactRefSchema),
  summary: z.record(z.string(), z.unknown()),
  /** When the attempt that computed it began and ended. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
});
export type CacheEntry = z.infer<typeof cacheEntrySchema>;

/** How a stage came by its result. */
export const cacheOutcomeSchema = z.enum([
  /** Found under its key, computed by an earlier run. */
  'hit',
  /** Another run wanted the same key at the same time, and computed it for both. */
  'shared',
  /** Taken over from the run that this one repeats. */
  'kept',
  /** Computed, because nothing usable was found. */
  'miss',
  /** Computed, because somebody wanted it anew. */
  'forced',
]);
export type CacheOutcome = z.infer<typeof cacheOutcomeSchema>;

export const cacheUseSchema = z.strictObject({
  outcome: cacheOutcomeSchema,
  /** Absent for a result that was kept. */
  key: sha256Schema.optional(),
  /** Who computed it, when it was not this run. */
  from: stageOriginSchema.optional(),
  /** Why it was computed. */
  reason: z.string().optional(),
});
export type CacheUse = z.infer<typeof cacheUseSchema>;
