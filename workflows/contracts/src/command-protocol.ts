import { z } from 'zod';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { logLevelSchema } from './run-event.js';

/** Raised when a program written for the version before could misread this one. */
export const PROTOCOL_VERSION = 1;

/**
 * Begins a line on standard output that is a message; every other line is log. Standard output and not a descriptor of its
 * own, because it gets through containers, shells and remote calls, and every language can print.
 */
export const PROTOCOL_PREFIX = '::vitrine:: ';

const stepSchema = z.int().min(0);

/** What a program says. One JSON document a line, after the prefix, in at most 8,192 characters. */
export const programMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('progress'),
    step: stepSchema,
    /** 0 where nobody knows. */
    total: stepSchema.default(0),
    phase: z.string().max(200).default('run'),
    metrics: z.record(z.string(), z.number()).default({}),
  }),
  /** Added to what was measured before. */
  z.strictObject({ type: z.literal('metrics'), metrics: z.record(z.string(), z.number()) }),
  z.strictObject({ type: z.literal('log'), level: logLevelSchema, message: z.string() }),
  /** The checkpoint folder holds all that is needed to go on after this step; it is left alone until the answer. */
  z.strictObject({ type: z.literal('checkpoint'), step: stepSchema }),
]);
export type ProgramMessage = z.infer<typeof programMessageSchema>;

/** What a program is told: one JSON document a line on its standard input. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  /** The checkpoint is durable: whatever is killed now, the next attempt gets this one or a later one. */
  z.strictObject({ type: z.literal('stored'), step: stepSchema }),
  z.strictObject({ type: z.literal('not-stored'), step: stepSchema, message: z.string() }),
  /** Store a checkpoint and end, within this time; SIGTERM and SIGKILL to all its processes follow. */
  z.strictObject({ type: z.literal('cancel'), graceSeconds: z.number() }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

/** The file that `VITRINE_STAGE` names. All paths are absolute. */
export const programJobSchema = z.strictObject({
  protocol: z.literal(PROTOCOL_VERSION),
  project: slugSchema,
  runId: runIdSchema,
  stage: stageNameSchema,
  seed: seedSchema,
  /** Files, read-only, and folders for artifacts of type folder. */
  inputs: z.record(z.string(), z.string()),
  /** Where each declared output is to be left. */
  outputs: z.record(z.string(), z.string()),
  /** The stage's `parameters`. */
  params: z.record(z.string(), z.unknown()),
  /** Empty at the start of every attempt. */
  checkpointFolder: z.string(),
  /** What the attempt before stored last; null at a first start. */
  resume: z.strictObject({ step: stepSchema, folder: z.string() }).nullable(),
});
export type ProgramJob = z.infer<typeof programJobSchema>;
