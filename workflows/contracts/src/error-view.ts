import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './errors.js';

export const errorViewSchema = z.strictObject({
  code: z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  where: z.string().optional(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  hint: z.string(),
});
