import { z } from 'zod';
import { sha256Schema } from './artifact-ref.js';
import { slugSchema, stageNameSchema } from './ids.js';
import { stageOriginSchema } from './stage-cache.js';
import { STAGE_KINDS } from './stages/index.js';

/** Tenth, half and nine tenths of what earlier stages took. */
export const intervalSchema = z.strictObject({
  low: z.number().nonnegative(),
  median: z.number().nonnegative(),
  high: z.number().nonnegative(),
});
export type Interval = z.infer<typeof intervalSchema>;

/** What a stage will take, from stages of its kind that were computed before. */
export const forecastSchema = z.strictObject({
  seconds: intervalSchema,
  deviceSeconds: intervalSchema,
  /** Of its outputs. */
  bytes: intervalSchema,
  /** Stages it is taken from. */
  samples: z.int().min(1),
  /** Parameters in which they differ from this one; 0 for its like. */
  differences: z.int().min(0),
});
export type Forecast = z.infer<typeof forecastSchema>;

/** What would become of a stage. `open`: that depends on what a stage before it gives. */
export const plannedLookSchema = z.strictObject({
  outcome: z.enum(['found', 'computed', 'open', 'skipped']),
  key: sha256Schema.optional(),
  from: stageOriginSchema.optional(),
  /** Given unless it was found. */
  reason: z.string().optional(),
  /** Of a fan-out whose list is known: how many, and how many of them would be found, as far as was looked. */
  elements: z.strictObject({ total: z.int().min(0), found: z.int().min(0) }).optional(),
});
export type PlannedLook = z.infer<typeof plannedLookSchema>;

export const plannedStageSchema = plannedLookSchema.extend({
  stage: stageNameSchema,
  kind: z.enum(STAGE_KINDS as [(typeof STAGE_KINDS)[number], ...typeof STAGE_KINDS]),
  pool: slugSchema,
  needs: z.array(stageNameSchema),
  /** Absent for a stage that was found, and for a kind without history. */
  forecast: forecastSchema.optional(),
});

export const plannedPoolSchema = z.strictObject({
  pool: slugSchema,
  /** Whether a worker asks for its stages. */
  hasWorkers: z.boolean(),
  /** Stages that wait for a device of it now, about. */
  waiting: z.int().min(0),
});
export type PlannedPool = z.infer<typeof plannedPoolSchema>;

export const runPlanSchema = z.strictObject({
  project: slugSchema,
  pipeline: slugSchema,
  codeVersion: z.string(),
  /** In an order in which they can run. */
  stages: z.array(plannedStageSchema),
  pools: z.array(plannedPoolSchema),
  /** Sums over the stages that would be computed, open ones included, as far as there is history. */
  total: z.strictObject({
    found: z.int().min(0),
    computed: z.int().min(0),
    withoutHistory: z.int().min(0),
    deviceSeconds: intervalSchema,
    bytes: intervalSchema,
    /** Along the longest chain of stages, with a free device for each. */
    seconds: intervalSchema,
  }),
});
export type RunPlanView = z.infer<typeof runPlanSchema>;
export type PlannedStage = z.infer<typeof plannedStageSchema>;
