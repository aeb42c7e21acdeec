import { z } from 'zod';
import { artifactRefSchema } from './artifact-ref.js';
import { errorViewSchema } from './error-view.js';
import { runIdSchema, slugSchema } from './ids.js';
import { segmentSchema, stageCountsSchema } from './sweep-log.js';
import { pointSchema } from './sweep-space.js';
import { parallelismSchema, sweepBudgetSchema, sweepSpecSchema } from './sweep-spec.js';

/** What the API hands to the sweep's workflow: frozen when it is submitted. */
export const sweepRequestSchema = z.strictObject({
  project: slugSchema,
  sweepId: runIdSchema,
  spec: sweepSpecSchema,
  /** As of a run. */
  codeVersion: z.string(),
  codeVersions: z.record(z.string(), z.string()).optional(),
  submittedAt: z.iso.datetime(),
  /** As of a run. */
  allocated: z.array(slugSchema).max(1000).optional(),
});
export type SweepRequest = z.infer<typeof sweepRequestSchema>;

export const trialStateSchema = z.enum(['running', 'waiting', 'completed', 'stopped', 'failed']);
export type TrialState = z.infer<typeof trialStateSchema>;

export const trialViewSchema = z.strictObject({
  trial: z.int().min(0),
  state: trialStateSchema,
  point: pointSchema,
  /** Where it stands, by rung: how much of the resource, and the metric there; null when that was not a number. */
  reports: z.array(z.strictObject({ resource: z.int().min(0), value: z.number().nullable() })),
  segments: z.array(segmentSchema),
  bracket: z.int().min(0),
  deviceSeconds: z.number().min(0),
  stages: stageCountsSchema,
  error: errorViewSchema.optional(),
});
export type TrialView = z.infer<typeof trialViewSchema>;

/** Counts of the trials of a sweep, and the best of them. */
export const sweepTallySchema = z.strictObject({
  started: z.int().min(0),
  running: z.int().min(0),
  waiting: z.int().min(0),
  completed: z.int().min(0),
  stopped: z.int().min(0),
  failed: z.int().min(0),
  /** Reports whose metric was not a number. */
  notNumbers: z.int().min(0),
  deviceSeconds: z.number().min(0),
  stages: stageCountsSchema,
  best: trialViewSchema.optional(),
});
export type SweepTally = z.infer<typeof sweepTallySchema>;

export const sweepStatusSchema = z.enum(['running', 'paused', 'succeeded', 'stopped', 'failed']);
export type SweepStatus = z.infer<typeof sweepStatusSchema>;

/** What may be changed while it runs. */
export const sweepEditSchema = z.strictObject({
  parallelism: parallelismSchema.optional(),
  budget: sweepBudgetSchema.partial().optional(),
});
export type SweepEdit = z.infer<typeof sweepEditSchema>;

export const sweepViewSchema = z.strictObject({
  project: slugSchema,
  sweepId: runIdSchema,
  name: slugSchema,
  status: sweepStatusSchema,
  submittedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  /** Why it ended, or what it waits for. */
  reason: z.string().optional(),
  error: errorViewSchema.optional(),
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
  parallelism: parallelismSchema,
  budget: sweepBudgetSchema,
  tally: sweepTallySchema,
  /** Runs of the trials that are under way. */
  runs: z.array(z.strictObject({ trial: z.int().min(0), runId: runIdSchema, until: z.int().min(0) })),
  /** The last page of its log. */
  log: artifactRefSchema.optional(),
});
export type SweepView = z.infer<typeof sweepViewSchema>;

/** `sweep.json`: the truth about a closed sweep. */
export const sealedSweepSchema = z.strictObject({
  format: z.literal(1),
  request: sweepRequestSchema,
  view: sweepViewSchema,
});
export type SealedSweep = z.infer<typeof sealedSweepSchema>;

export const sweepSummarySchema = sweepViewSchema.pick({
  project: true,
  sweepId: true,
  name: true,
  status: true,
  submittedAt: true,
  endedAt: true,
});
export const sweepListSchema = z.strictObject({ sweeps: z.array(sweepSummarySchema) });
export type SweepList = z.infer<typeof sweepListSchema>;
export const trialListSchema = z.strictObject({ trials: z.array(trialViewSchema) });
export type TrialList = z.infer<typeof trialListSchema>;
export const submitSweepResponseSchema = z.strictObject({ project: slugSchema, sweepId: runIdSchema });
export type SubmitSweepResponse = z.infer<typeof submitSweepResponseSchema>;
