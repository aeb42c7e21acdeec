import {
  errorViewSchema,
  failureRuleSchema,
  logLevelSchema,
  numericsChoiceSchema,
  progressSchema,
  stageJobSchema,
  stageResultSchema,
} from '@vitrine/contracts';
import { metricSampleSchema } from '@vitrine/metrics';
import { z } from 'zod';

/** To the stage process: the work, once, and later at most one request to stop. */
export const toChildSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    job: stageJobSchema,
    numerics: numericsChoiceSchema,
    /** Who holds the checkpoint lease, for people. */
    owner: z.string(),
    /** What CUDA calls each further device of the stage, nothing where that is a processor; absent where it has one. */
    otherDevices: z.array(z.array(z.string())).optional(),
    /** What a failed end means, the first that fits. */
    failures: z.array(failureRuleSchema),
  }),
  z.strictObject({ type: z.literal('stop'), because: z.enum(['Cancelled', 'WorkerShutdown']) }),
]);

/** From the stage process. */
export const fromChildSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('attempt'), epoch: z.int(), resumedFromStep: z.int() }),
  z.strictObject({ type: z.literal('progress'), progress: progressSchema }),
  /** Alive, and waiting for a service: not stalled. */
  z.strictObject({ type: z.literal('waiting'), message: z.string() }),
  z.strictObject({
    type: z.literal('checkpoint'),
    epoch: z.int(),
    step: z.int(),
    bytes: z.int(),
    seconds: z.number(),
    stallSeconds: z.number(),
  }),
  /** What the process measured since the last of these; nobody else would ask it. */
  z.strictObject({ type: z.literal('measured'), samples: z.array(metricSampleSchema) }),
  z.strictObject({ type: z.literal('log'), level: logLevelSchema, message: z.string() }),
  z.strictObject({ type: z.literal('result'), result: stageResultSchema }),
  z.strictObject({
    type: z.literal('error'),
    error: errorViewSchema,
    stack: z.string().optional(),
    /** True for one that nobody on its way knew: the rules say what it means. */
    unknown: z.boolean().optional(),
  }),
]);

export type ToChild = z.infer<typeof toChildSchema>;
export type FromChild = z.infer<typeof fromChildSchema>;
export type StartMessage = Extract<ToChild, { type: 'start' }>;
export type StopReason = Extract<ToChild, { type: 'stop' }>['because'];
/** What a stage process says while it runs, as opposed to how it ends. */
export type ChildReport = Exclude<FromChild, { type: 'result' | 'error' }>;
