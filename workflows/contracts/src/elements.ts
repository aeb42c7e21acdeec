import { z } from 'zod';
import { artifactRefSchema, artifactTypeSchema } from './artifact-ref.js';
import { FAILURES_SHOWN } from './elements-limits.js';
import { errorViewSchema } from './error-view.js';
import { seedSchema } from './ids.js';

/** How the elements of a stage stand: the elements of a fan-out, or the chunks of work that is cut. */
export const elementsViewSchema = z.strictObject({
  /** Absent until the list is known. */
  total: z.int().min(0).optional(),
  succeeded: z.int().min(0),
  /** Of those that succeeded: not computed, but found, shared or taken over. */
  found: z.int().min(0),
  failed: z.int().min(0),
  cancelled: z.int().min(0),
  /** Begun and not ended: at work, or waiting for a slot. */
  running: z.int().min(0),
  failures: z
    .array(z.strictObject({ index: z.int().min(0), item: z.string(), error: errorViewSchema }))
    .max(FAILURES_SHOWN),
  /** What became of each element, once the stage has ended. */
  record: artifactRefSchema.optional(),
});
export type ElementsView = z.infer<typeof elementsViewSchema>;

/** A piece of work that is cut into chunks of one size. */
export const chunkSchema = z.strictObject({ first: z.int().min(0), count: z.int().min(1) });
export type Chunk = z.infer<typeof chunkSchema>;

/** Which part of a stage whose work is cut into chunks: how much there is, a chunk of it, or all chunks together. */
export const partSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('plan') }),
  chunkSchema.extend({ step: z.literal('chunk') }),
  z.strictObject({ step: z.literal('merge'), chunks: artifactRefSchema }),
]);
export type Part = z.infer<typeof partSchema>;

/** What the part `plan` of a stage says: how many there are of what is cut. */
export const chunkPlanSchema = z.strictObject({ total: z.int().min(1), size: z.int().min(1) });
export type ChunkPlan = z.infer<typeof chunkPlanSchema>;

/** An artifact of type `list`: what the elements of a stage gave, in their order; those that gave nothing are left out. */
export const listSchema = z.strictObject({
  format: z.literal(1),
  of: artifactTypeSchema,
  elements: z.array(
    z.strictObject({ index: z.int().min(0), item: z.unknown(), artifact: artifactRefSchema }),
  ),
});
export type ElementList = z.infer<typeof listSchema>;

/** One element as planned. */
export const plannedElementSchema = z.strictObject({
  index: z.int().min(0),
  item: z.unknown(),
  seed: seedSchema,
  /** Artifacts of lists that are read element by element, by port, or port and label: `evaluations.base`. */
  inputs: z.record(z.string(), artifactRefSchema),
  chunk: chunkSchema.optional(),
});
export type PlannedElement = z.infer<typeof plannedElementSchema>;
