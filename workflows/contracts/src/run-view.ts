import { z } from 'zod';
import { artifactRefSchema } from './artifact-ref.js';
import { elementsViewSchema } from './elements.js';
import { errorViewSchema } from './error-view.js';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { ablationOfSchema, scheduledBySchema } from './run-options.js';
import { cacheUseSchema, stageOriginSchema } from './stage-cache.js';
import { STAGE_KINDS } from './stages/index.js';

/** How far a stage has come. Rates are per second, times in seconds. */
export const progressSchema = z.strictObject({
  /** What is going on within the stage: `train`, `synthesize round 3`, `pgd`. */
  phase: z.string(),
  step: z.int().min(0),
  total: z.int().min(0),
  stepsPerSecond: z.number().nonnegative(),
  etaSeconds: z.number().nonnegative().nullable(),
  /** Latest values of whatever the stage measures: loss, accuracy, learningRate, norm. */
  metrics: z.record(z.string(), z.number()),
});

export type Progress = z.infer<typeof progressSchema>;

export const stageStateSchema = z.enum([
  'waiting',
  /** Ready, and waits for a person's approval. */
  'held',
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
]);
export type StageState = z.infer<typeof stageStateSchema>;

/** What a person has decided about a stage that is held. */
export const decisionSchema = z.strictObject({
  approved: z.boolean(),
  /** Who decided, by their own word. */
  by: z.string().min(1).max(200),
  comment: z.string().max(1000).default(''),
});
export type Decision = z.infer<typeof decisionSchema>;

export const stageStatusSchema = z.strictObject({
  kind: z.enum(STAGE_KINDS as [(typeof STAGE_KINDS)[number], ...typeof STAGE_KINDS]),
  pool: slugSchema,
  needs: z.array(stageNameSchema),
  state: stageStateSchema,
  /** When it was handed to its pool. */
  queuedAt: z.iso.datetime().optional(),
  /** When the attempt began that ended it, or that runs. */
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  /** How often it was started. */
  epoch: z.int().optional(),
  /** The step that the last attempt went on from; 0 for a fresh start. */
  resumedFromStep: z.int().optional(),
  /** What its bytes depend on besides seed, data and code. */
  profile: numericsProfileSchema.optional(),
  outputs: z.record(z.string(), artifactRefSchema).optional(),
  summary: z.record(z.string(), z.unknown()).optional(),
  /** How it came by its result; absent for a stage whose results are not kept, and while it has none. */
  cache: cacheUseSchema.optional(),
  /** Who computes the same at the moment: its result is waited for. */
  waitsFor: stageOriginSchema.optional(),
  /** What somebody decided about it, and when. */
  decision: decisionSchema.extend({ at: z.iso.datetime() }).optional(),
  /** Why it was skipped. `intended`: by a demand that was not met, rather than by a loss. */
  skipped: z.strictObject({ intended: z.boolean(), reason: z.string() }).optional(),
  /** Of a fan-out, or of work that is cut into chunks. */
  elements: elementsViewSchema.optional(),
  error: errorViewSchema.optional(),
});

export type StageStatus = z.infer<typeof stageStatusSchema>;

/** Of a run, or of a part of it. */
export const stagesByNameSchema = z.record(stageNameSchema, stageStatusSchema);

/** What the API and the command line show of a run. */
export const runViewSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  pipeline: slugSchema,
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  submittedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  /** The run that this one repeats. */
  rerunOf: runIdSchema.optional(),
  /** The run that this one repeats without one of its stages. */
  ablationOf: ablationOfSchema.optional(),
  scheduledBy: scheduledBySchema.optional(),
  stages: z.record(stageNameSchema, stageStatusSchema.extend({ progress: progressSchema.optional() })),
});

export type RunView = z.infer<typeof runViewSchema>;
