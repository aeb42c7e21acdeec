import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { runIdSchema, slugSchema } from '@vitrine/contracts';
import { z } from 'zod';

export const sweepParamsSchema = z.strictObject({ project: slugSchema, sweepId: runIdSchema });
export type SweepParams = z.infer<typeof sweepParamsSchema>;

export const sweepListQuerySchema = z.strictObject({ project: slugSchema.default(DEFAULT_PROJECT) });
export type SweepListQuery = z.infer<typeof sweepListQuerySchema>;
