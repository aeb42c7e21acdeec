import { runIdSchema, slugSchema } from '@vitrine/contracts';
import { z } from 'zod';

export const runParamsSchema = z.strictObject({ project: slugSchema, runId: runIdSchema });
export type RunParams = z.infer<typeof runParamsSchema>;
