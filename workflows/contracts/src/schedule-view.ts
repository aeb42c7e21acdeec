import { z } from 'zod';
import { sha256Schema } from './artifact-ref.js';
import { errorViewSchema } from './error-view.js';
import { runIdSchema, slugSchema } from './ids.js';
import { modelComparisonSchema, modelScoreSchema } from './model-registry.js';
import { runStatusSchema } from './run-record.js';
import { overlapSchema, scheduleSpecSchema } from './schedule-spec.js';

/** What became of a re-training. `alert`: somebody should look. */
export const retrainDecisionSchema = z.strictObject({
  decision: z.enum(['promote', 'keep', 'alert']),
  reasons: z.array(z.string()).min(1),
  /** Of the candidate, and of the champion on the same data. */
  candidate: modelScoreSchema,
  champion: modelScoreSchema.optional(),
  comparison: modelComparisonSchema.optional(),
  /** Of the registry: who is champion from now on. */
  version: z.int().min(1).optional(),
});
export type RetrainDecision = z.infer<typeof retrainDecisionSchema>;

/** One time of a schedule, and what was made of it. */
export const scheduleEntrySchema = z.strictObject({
  /** Of the start, as Temporal calls it. */
  id: z.string().min(1),
  /** The time it was due. */
  at: z.iso.datetime(),
  /** When that was decided; a run is submitted as of then. */
  decidedAt: z.iso.datetime(),
  outcome: z.enum(['started', 'unchanged', 'failed']),
  /** Why nothing was started. */
  reason: z.string().optional(),
  error: errorViewSchema.optional(),
  runId: runIdSchema.optional(),
  /** Of what was to be new. */
  dataSha256: sha256Schema.optional(),
  /** Absent while it runs. */
  status: runStatusSchema.optional(),
  retrain: retrainDecisionSchema.optional(),
});
export type ScheduleEntry = z.infer<typeof scheduleEntrySchema>;

/** The last entries of a schedule, oldest first, and the data that its last run that succeeded was for. */
export const scheduleHistorySchema = z.strictObject({
  format: z.literal(1),
  project: slugSchema,
  schedule: slugSchema,
  usedSha256: sha256Schema.optional(),
  entries: z.array(scheduleEntrySchema),
});
export type ScheduleHistory = z.infer<typeof scheduleHistorySchema>;

export const scheduleViewSchema = z.strictObject({
  project: slugSchema,
  name: slugSchema,
  spec: scheduleSpecSchema,
  paused: z.boolean(),
  note: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime().optional(),
  /** As Temporal announces them, jitter included. None: it never fires again. */
  next: z.array(z.iso.datetime()),
  counts: z.strictObject({
    taken: z.int().min(0),
    /** Left out because an outage had lasted longer than `catchUpSeconds`. */
    missed: z.int().min(0),
    /** Left out because an earlier one ran. */
    overlapped: z.int().min(0),
  }),
  /** Newest first. */
  recent: z.array(scheduleEntrySchema),
});
export type ScheduleView = z.infer<typeof scheduleViewSchema>;

export const scheduleListSchema = z.strictObject({
  schedules: z.array(
    scheduleViewSchema.pick({ project: true, name: true, paused: true, note: true }).extend({
      next: z.iso.datetime().optional(),
      last: z.iso.datetime().optional(),
    }),
  ),
});
export type ScheduleList = z.infer<typeof scheduleListSchema>;

/** Why it is paused, or goes on. */
export const scheduleNoteSchema = z.strictObject({ note: z.string().min(1).max(1000) });
export type ScheduleNote = z.infer<typeof scheduleNoteSchema>;

export const backfillRequestSchema = z
  .strictObject({
    from: z.iso.datetime({ offset: true }),
    until: z.iso.datetime({ offset: true }),
    /** One after another, unless told otherwise. */
    overlap: overlapSchema.default('buffer-all'),
    /** Only says what would be started. */
    dryRun: z.boolean().default(false),
  })
  .refine(({ from, until }) => Date.parse(from) <= Date.parse(until), {
    path: ['until'],
    message: 'expected a time not before from',
  });
export type BackfillRequest = z.infer<typeof backfillRequestSchema>;

export const backfillSchema = z.strictObject({
  project: slugSchema,
  name: slugSchema,
  dryRun: z.boolean(),
  /** Of the schedule that lie between the two. */
  times: z.array(z.iso.datetime()),
  /** What is started at each. */
  start: z.strictObject({
    kind: z.enum(['pipeline', 'retrain']),
    pipeline: slugSchema,
    stages: z.array(z.string()),
  }),
});
export type Backfill = z.infer<typeof backfillSchema>;
