import { errorViewSchema, numericsProfileSchema } from '@vitrine/contracts';
import { z } from 'zod';

/** What a process that was asked for its numerics says. */
export const profileAnswerSchema = z.union([
  z.strictObject({ profile: numericsProfileSchema }),
  z.strictObject({ error: errorViewSchema }),
]);
export type ProfileAnswer = z.infer<typeof profileAnswerSchema>;
