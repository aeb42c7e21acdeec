import { z } from 'zod';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';
import { errorViewSchema } from './error-view.js';
import { progressSchema, stageStateSchema } from './run-view.js';
import { stageOriginSchema } from './stage-cache.js';

const common = { project: slugSchema, runId: runIdSchema, stage: stageNameSchema, at: z.iso.datetime() };

export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevelSchema>;

/** What happens while a run is open: child process -> worker -> API -> server-sent events. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), ...common, progress: progressSchema }),
  z.strictObject({
    type: z.literal('log'),
    ...common,
    level: logLevelSchema,
    message: z.string(),
  }),
  z.strictObject({
    type: z.literal('checkpoint'),
    ...common,
    epoch: z.int(),
    step: z.int(),
    bytes: z.int(),
    seconds: z.number(),
    stallSeconds: z.number(),
  }),
  z.strictObject({
    type: z.literal('attempt'),
    ...common,
    epoch: z.int(),
    resumedFromStep: z.int(),
    worker: z.string(),
  }),
  z.strictObject({
    type: z.literal('stage'),
    ...common,
    state: stageStateSchema,
    error: errorViewSchema.optional(),
    /** Who computes what it waits for. */
    waitsFor: stageOriginSchema.optional(),
  }),
]);

export type RunEvent = z.infer<typeof runEventSchema>;

/** An event as the API stores and sends it; `sequence` grows by one within a run and is the SSE id. */
export const storedEventSchema = z.strictObject({ sequence: z.int().min(1), event: runEventSchema });
export type StoredEvent = z.infer<typeof storedEventSchema>;
