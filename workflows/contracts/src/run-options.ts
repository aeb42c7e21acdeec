import { z } from 'zod';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';

/** The earlier run that a run repeats, and the stages whose results it takes over from it. */
export const rerunOfSchema = z.strictObject({ runId: runIdSchema, keep: z.array(stageNameSchema) });
export type RerunOf = z.infer<typeof rerunOfSchema>;

/** The earlier run, and the stage of it that was switched to identity. */
export const ablationOfSchema = z.strictObject({
  runId: runIdSchema,
  stage: stageNameSchema,
  /** What stands for each of its outputs that others read. */
  replaced: z.record(z.string(), z.string()),
  /** Fields of others that nothing stands for. */
  dropped: z.array(z.string()),
});
export type AblationOf = z.infer<typeof ablationOfSchema>;

/** The schedule that started a run, and the time that it was due. */
export const scheduledBySchema = z.strictObject({ schedule: slugSchema, at: z.iso.datetime() });
export type ScheduledBy = z.infer<typeof scheduledBySchema>;

/** What somebody who starts a run decides beside the pipeline itself. */
export const runOptionsSchema = z.strictObject({
  /** False: no stage's result is looked for or kept. */
  cache: z.boolean().default(true),
  /** Stages that are computed anew whatever is known of them. */
  force: z.array(stageNameSchema).default([]),
  rerunOf: rerunOfSchema.optional(),
  ablationOf: ablationOfSchema.optional(),
  scheduledBy: scheduledBySchema.optional(),
  /** Runs of the same work that were stopped, the last one first: stages go on from their checkpoints. */
  continues: z.array(runIdSchema).max(1000).optional(),
});
export type RunOptions = z.infer<typeof runOptionsSchema>;
