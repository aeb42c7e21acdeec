import { z } from 'zod';
import { artifactRefSchema } from './artifact-ref.js';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';
import { logLevelSchema, runEventSchema } from './run-event.js';
import { runStatusSchema } from './run-record.js';
import { DEFAULT_PROJECT } from './names.js';
import { pipelineSpecSchema } from './pipeline-spec.js';
import { errorViewSchema } from './error-view.js';
import { progressSchema, runViewSchema } from './run-view.js';

export const submitRunResponseSchema = z.strictObject({ project: slugSchema, runId: runIdSchema });
export const runSummarySchema = runViewSchema
  .pick({
    project: true,
    runId: true,
    pipeline: true,
    status: true,
    submittedAt: true,
    endedAt: true,
    rerunOf: true,
  })
  .extend({
    /** How many stages there are, and how many of them need nothing more. */
    stages: z.strictObject({ total: z.int().min(0), done: z.int().min(0), failed: z.int().min(0) }),
    /** Of an open run: a stage that runs. */
    active: z.strictObject({ stage: stageNameSchema, progress: progressSchema.optional() }).optional(),
    /** The first error of its stages. */
    error: z.strictObject({ stage: stageNameSchema, code: z.string(), message: z.string() }).optional(),
  });
export const runListSchema = z.strictObject({
  runs: z.array(runSummarySchema),
  nextCursor: z.string().optional(),
  /** Runs of the project, and those of them that fit all that was asked but the status. */
  total: z.int().min(0),
  matching: z.int().min(0),
});

/** What this installation is, and where the rest of it is found. */
export const aboutSchema = z.strictObject({
  version: z.string(),
  links: z.array(z.strictObject({ title: z.string(), url: z.string() })),
});

/** RFC 9457 problem document; the error's view with its status. */
export const problemSchema = errorViewSchema.extend({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  requestId: z.string(),
});

/** Query parameters arrive as text. */
const count = z.coerce.number().int().min(0);

/** Query of a submission. */
export const submitQuerySchema = z.strictObject({
  /** `off`: no stage's result is looked for or kept. */
  cache: z.enum(['on', 'off']).default('on'),
  /** Stages that are computed anew; repeated for several. */
  force: z.union([stageNameSchema, z.array(stageNameSchema)]).default([]),
});

/** What of a run is repeated, and how. */
export const rerunRequestSchema = z.strictObject({
  /** Computed anew, with all that comes after them. None: what did not succeed. */
  from: z.array(stageNameSchema).default([]),
  /** Left out: the pipeline as it was. */
  spec: pipelineSpecSchema.optional(),
});

/** The stage of a run that is switched to identity. */
export const ablateRequestSchema = z.strictObject({ stage: stageNameSchema });

/** Query of the list of runs, newest first. */
export const runListQuerySchema = z.strictObject({
  project: slugSchema.default(DEFAULT_PROJECT),
  /** Repeated for several. */
  status: z.union([runStatusSchema, z.array(runStatusSchema)]).optional(),
  /** Repeated for several. */
  pipeline: z.union([slugSchema, z.array(slugSchema)]).optional(),
  /** Part of the run's id. */
  text: z.string().max(120).optional(),
  /** Submitted then or later. */
  since: z.iso.datetime().optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(200).optional(),
  limit: count.min(1).max(200).default(50),
});

/** Query of the log of a run. */
export const logQuerySchema = z.strictObject({
  stage: stageNameSchema.optional(),
  /** Lines after this sequence number; 0 starts at the beginning. */
  after: count.default(0),
  limit: count.min(1).max(5000).default(1000),
});

export const logLineSchema = z.strictObject({
  sequence: z.int().min(1),
  at: z.iso.datetime(),
  stage: stageNameSchema,
  level: logLevelSchema,
  message: z.string(),
});

/** `next` is the `after` of the following page; `more` says that lines may already wait there. */
export const logPageSchema = z.strictObject({
  lines: z.array(logLineSchema),
  next: z.int().nonnegative(),
  more: z.boolean(),
});

export const artifactEntrySchema = z.strictObject({
  stage: stageNameSchema,
  output: z.string(),
  artifact: artifactRefSchema,
  /** Path of its bytes on this API. */
  path: z.string(),
});
export const artifactListSchema = z.strictObject({ artifacts: z.array(artifactEntrySchema) });

export const healthSchema = z.strictObject({ status: z.literal('ok'), version: z.string() });

/** Whether one service behind the API answers, and how fast. */
export const partHealthSchema = z.strictObject({
  ok: z.boolean(),
  milliseconds: z.number().nonnegative(),
  error: errorViewSchema.optional(),
});
export const readinessSchema = z.strictObject({
  ready: z.boolean(),
  temporal: partHealthSchema,
  s3: partHealthSchema,
});

/** A link that logs a browser in; good for minutes, and worth nothing afterwards. */
export const loginLinkSchema = z.strictObject({ url: z.url(), expiresAt: z.iso.datetime() });

export const acceptedEventsSchema = z.strictObject({ accepted: z.int().nonnegative() });

/** Workers post what their children report, in order. */
export const eventBatchSchema = z.strictObject({ events: z.array(runEventSchema).max(1000) });

export type AblateRequest = z.infer<typeof ablateRequestSchema>;
export type RerunRequest = z.infer<typeof rerunRequestSchema>;
export type SubmitRunResponse = z.infer<typeof submitRunResponseSchema>;
export type RunSummary = z.infer<typeof runSummarySchema>;
export type About = z.infer<typeof aboutSchema>;
export type RunList = z.infer<typeof runListSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type EventBatch = z.infer<typeof eventBatchSchema>;
export type LogPage = z.infer<typeof logPageSchema>;
export type LogLine = z.infer<typeof logLineSchema>;
export type ArtifactEntry = z.infer<typeof artifactEntrySchema>;
export type ArtifactList = z.infer<typeof artifactListSchema>;
export type Readiness = z.infer<typeof readinessSchema>;
export type PartHealth = z.infer<typeof partHealthSchema>;
