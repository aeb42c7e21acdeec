import { slugSchema } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { z } from 'zod';

export const scheduleParamsSchema = z.strictObject({ project: slugSchema, name: slugSchema });
export type ScheduleParams = z.infer<typeof scheduleParamsSchema>;

export const scheduleListQuerySchema = z.strictObject({ project: slugSchema.default(DEFAULT_PROJECT) });
export type ScheduleListQuery = z.infer<typeof scheduleListQuerySchema>;

/** Of a new schedule: it begins paused, and this says why. */
export const newScheduleQuerySchema = z.strictObject({ paused: z.string().min(1).max(1000).optional() });
export type NewScheduleQuery = z.infer<typeof newScheduleQuerySchema>;
