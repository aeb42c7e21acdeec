import { z } from 'zod';
import { slugSchema } from './ids.js';
import { DEFAULT_PRIORITY } from './names.js';

/** What a project may have of a pool. */
export const projectShareSchema = z
  .strictObject({
    /** Devices it gets back at once, from those who hold more than theirs, whenever it wants them. */
    guaranteed: z.int().min(0).max(100_000).default(0),
    /** Devices it never holds more of, also when others are idle. Without bound when left out. */
    limit: z.int().min(0).max(100_000).optional(),
    /** Where demand exceeds the pool, devices are held in this proportion. */
    weight: z.number().positive().max(1000).default(1),
    /** Devices times seconds; once they are used nothing more of it begins, and what runs stops at a checkpoint. */
    budgetDeviceSeconds: z.number().positive().optional(),
  })
  .refine(({ guaranteed, limit }) => limit === undefined || guaranteed <= limit, {
    path: ['guaranteed'],
    error: ({ input }) => {
      const { guaranteed, limit } = input as { guaranteed: number; limit: number };
      return `expected at most the limit of ${limit}, got ${guaranteed}`;
    },
  });
export type ProjectShare = z.infer<typeof projectShareSchema>;

/** How the devices of a pool are given out. A pool without one serves its stages in the order in which they ask. */
export const poolPolicySchema = z
  .strictObject({
    version: z.literal(1).default(1),
    /** Classes that a run may be submitted in; who has the higher number is served first. */
    priorities: z
      .record(slugSchema, z.int().min(0).max(1_000_000))
      .default({ low: 100, [DEFAULT_PRIORITY]: 500, high: 900 }),
    projects: z.record(slugSchema, projectShareSchema).default({}),
    /** Of each project that is not named. */
    others: projectShareSchema.prefault({}),
    /** Time after which a device held in the past counts half as much against its project, in seconds. */
    halfLifeSeconds: z
      .number()
      .positive()
      .max(365 * 86_400)
      .default(24 * 3600),
    preemption: z
      .strictObject({
        /** `never`; or for a higher priority class and for what a project is guaranteed. */
        mode: z.enum(['never', 'allowed']).default('allowed'),
        /** What has run for less is left alone, in seconds. */
        minimumRunSeconds: z.number().min(0).max(86_400).default(300),
      })
      .prefault({}),
    /** How long a stage that wants several devices may be overtaken by smaller ones, in seconds; then devices are kept for it. */
    patienceSeconds: z.number().min(0).max(86_400).default(300),
  })
  .refine(({ priorities }) => DEFAULT_PRIORITY in priorities, {
    path: ['priorities'],
    error: `expected a class "${DEFAULT_PRIORITY}", which runs are in that name none`,
  });
export type PoolPolicy = z.infer<typeof poolPolicySchema>;
