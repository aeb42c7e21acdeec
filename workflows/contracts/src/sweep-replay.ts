import { z } from 'zod';
import { runIdSchema, slugSchema } from './ids.js';
import { schedulerSchema, parallelismSchema } from './sweep-spec.js';

/** What would have been, had another scheduler had the trials of a sweep. */
export const sweepReplayRequestSchema = z.strictObject({
  scheduler: schedulerSchema,
  /** Trials at a time; those of the sweep when left out. */
  parallelism: parallelismSchema.optional(),
});
export type SweepReplayRequest = z.infer<typeof sweepReplayRequestSchema>;

const sideSchema = z.strictObject({
  scheduler: z.string(),
  deviceSeconds: z.number().min(0),
  best: z.strictObject({ trial: z.int().min(0), resource: z.int().min(0), value: z.number() }).optional(),
});

export const sweepReplaySchema = z.strictObject({
  project: slugSchema,
  sweepId: runIdSchema,
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
  trials: z.int().min(0),
  recorded: sideSchema,
  replayed: sideSchema,
  /** Less than zero: it would have cost more. */
  savedDeviceSeconds: z.number(),
  /** By how much the best value would have been worse; less than zero: better. Absent where one side has none. */
  lost: z.number().optional(),
  /** Reports that nobody recorded: of trials that were stopped before. They count with the last value and the last rate of time. */
  estimated: z.int().min(0),
});
export type SweepReplay = z.infer<typeof sweepReplaySchema>;
