import { z } from 'zod';
import { numericsChoiceSchema, numericsProfileSchema } from './numerics-profile.js';
import { errorViewSchema } from './error-view.js';

/** What a process is to find out: the choice of a pool, and what it computes on. */
export const numericsQuestionSchema = numericsChoiceSchema.extend({ device: z.enum(['cpu', 'cuda']) });

/** What the native backend was seen to do in a process of its own. */
export const numericsReportSchema = z.strictObject({
  profile: numericsProfileSchema,
  /** What TensorFlow computes on. */
  computesOn: z.enum(['cpu', 'cuda']),
  product: z.strictObject({
    /** Rows and columns of both matrices. */
    size: z.int(),
    /** Largest error against float64, by the sum of the magnitudes that were added. */
    error: z.number(),
    gigaflops: z.number(),
  }),
  step: z.strictObject({
    capturedMilliseconds: z.number(),
    eagerMilliseconds: z.number(),
    /** Largest difference of a captured and an eager step in loss, gradient norm and gradients, by the largest magnitude. */
    difference: z.number(),
  }),
});

export const numericsAnswerSchema = z.union([
  z.strictObject({ report: numericsReportSchema }),
  z.strictObject({ error: errorViewSchema }),
]);

export type NumericsQuestion = z.infer<typeof numericsQuestionSchema>;
export type NumericsReport = z.infer<typeof numericsReportSchema>;
export type NumericsAnswer = z.infer<typeof numericsAnswerSchema>;
