import { z } from 'zod';
import { runIdSchema, slugSchema } from './ids.js';
import { runEventSchema } from './run-event.js';
import { errorViewSchema, runViewSchema } from './run-view.js';

export const submitRunResponseSchema = z.strictObject({ project: slugSchema, runId: runIdSchema });
export const runSummarySchema = runViewSchema.pick({
  project: true,
  runId: true,
  pipeline: true,
  status: true,
  submittedAt: true,
  endedAt: true,
});
export const runListSchema = z.strictObject({
  runs: z.array(runSummarySchema),
  nextCursor: z.string().optional(),
});

/** RFC 9457 problem document; the error's view with its status. */
export const problemSchema = errorViewSchema.extend({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  requestId: z.string(),
});

/** Workers post what their children report, in order. */
export const eventBatchSchema = z.strictObject({ events: z.array(runEventSchema).max(1000) });

export type SubmitRunResponse = z.infer<typeof submitRunResponseSchema>;
export type RunSummary = z.infer<typeof runSummarySchema>;
export type RunList = z.infer<typeof runListSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type EventBatch = z.infer<typeof eventBatchSchema>;
