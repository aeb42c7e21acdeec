import { slugSchema } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { z } from 'zod';

export const modelParamsSchema = z.strictObject({ project: slugSchema, model: slugSchema });
export type ModelParams = z.infer<typeof modelParamsSchema>;

export const modelListQuerySchema = z.strictObject({ project: slugSchema.default(DEFAULT_PROJECT) });
export type ModelListQuery = z.infer<typeof modelListQuerySchema>;
