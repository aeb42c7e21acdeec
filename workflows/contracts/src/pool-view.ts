import { z } from 'zod';
import { runIdSchema, slugSchema, stageNameSchema } from './ids.js';
import { poolPolicySchema } from './pool-policy.js';
import { plannedPoolSchema } from './run-plan.js';

const holderSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  stage: stageNameSchema,
  devices: z.int().min(1),
});

/** Why a stage has no device yet. */
export const waitReasonSchema = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('noWorker') }),
  /** No worker of the pool has so many devices, those that drain left out. */
  z.strictObject({ code: z.literal('tooLarge'), largestWorker: z.int().min(0) }),
  z.strictObject({ code: z.literal('limit'), limit: z.int().min(0), held: z.int().min(0) }),
  z.strictObject({ code: z.literal('budget'), budget: z.number(), used: z.number() }),
  /** All fitting devices are held. */
  z.strictObject({ code: z.literal('busy'), free: z.int().min(0) }),
  /** Devices are free, and kept for a stage before it. */
  z.strictObject({ code: z.literal('kept'), for: holderSchema }),
  /** Others were asked to give theirs up. */
  z.strictObject({ code: z.literal('yielding') }),
]);
export type WaitReason = z.infer<typeof waitReasonSchema>;

export const waitingStageSchema = holderSchema.extend({
  priority: z.int(),
  since: z.iso.datetime(),
  /** From 1, in the order in which they would be served if all fitted. */
  position: z.int().min(1),
  reason: waitReasonSchema,
  /** A sentence. */
  why: z.string(),
  /** Who holds what it waits for, longest held first, at most ten. */
  heldBy: z.array(holderSchema).max(10),
  /** When it may get its devices, from how long stages of the same kinds took; absent where that is not known. */
  expectedAt: z.iso.datetime().optional(),
});
export type WaitingForPool = z.infer<typeof waitingStageSchema>;

export const heldLeaseSchema = holderSchema.extend({
  worker: z.string(),
  priority: z.int(),
  since: z.iso.datetime(),
  /** When what it has done was last made durable. */
  safeSince: z.iso.datetime(),
  /** It has been asked to store a checkpoint and give its devices up. */
  yielding: z.boolean(),
});

export const poolWorkerViewSchema = z.strictObject({
  worker: z.string(),
  devices: z.int().min(0),
  held: z.int().min(0),
  draining: z.boolean(),
  seenAt: z.iso.datetime(),
});

export const projectUseSchema = z.strictObject({
  project: slugSchema,
  held: z.int().min(0),
  waiting: z.int().min(0),
  /** Devices times seconds since the pool has a policy. */
  usedDeviceSeconds: z.number().min(0),
  /** Of them, work since the last checkpoint of stages whose worker was lost. */
  lostDeviceSeconds: z.number().min(0),
  /** Devices held now and in the recent past, by weight: who has less is served first. */
  share: z.number().min(0),
});

/** What a pool with a policy is doing. */
export const poolViewSchema = z.strictObject({
  pool: slugSchema,
  policy: poolPolicySchema,
  workers: z.array(poolWorkerViewSchema),
  held: z.array(heldLeaseSchema),
  /** In the order of service, at most 1,000. */
  waiting: z.array(waitingStageSchema).max(1000),
  /** All of them. */
  waitingTotal: z.int().min(0),
  projects: z.array(projectUseSchema),
});
export type PoolView = z.infer<typeof poolViewSchema>;

/** A pool as a list of them shows it. */
export const listedPoolSchema = plannedPoolSchema.extend({
  /** Whether its devices are given out by a policy; else it serves who comes first. */
  hasPolicy: z.boolean(),
});
export type ListedPool = z.infer<typeof listedPoolSchema>;
export const poolListSchema = z.strictObject({ pools: z.array(listedPoolSchema) });
export type PoolList = z.infer<typeof poolListSchema>;

export const workerDrainSchema = z.strictObject({
  worker: z.string().min(1).max(300),
  /** False: it takes again. */
  draining: z.boolean().default(true),
});
export type WorkerDrain = z.infer<typeof workerDrainSchema>;
