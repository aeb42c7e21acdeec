import { z } from 'zod';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';
import { cachePartsSchema, cacheUseSchema, stageOriginSchema } from './stage-cache.js';

/** One field in which two keys differ, each side as JSON; a side that has no such field is absent. */
export const keyDifferenceSchema = z.strictObject({
  part: cachePartsSchema.keyof(),
  /** Below the part: `optimizer.learningRate`; empty for the part itself. */
  field: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
  /** The same in words. */
  text: z.string(),
});
export type KeyDifference = z.infer<typeof keyDifferenceSchema>;

/** Why a stage of a run was computed, or what was found instead. */
export const cacheExplanationSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  stage: stageNameSchema,
  /** Absent while the stage has no result, and when its results are not kept. */
  cache: cacheUseSchema.optional(),
  /** In words. */
  text: z.string(),
  /** The earlier result whose key differs least from this stage's. */
  nearest: z.strictObject({ from: stageOriginSchema, differences: z.array(keyDifferenceSchema) }).optional(),
});
export type CacheExplanation = z.infer<typeof cacheExplanationSchema>;
