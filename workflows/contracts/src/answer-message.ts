import { z } from 'zod';
import { errorViewSchema } from './error-view.js';

/** One line of what a program writes that the command line starts: how far it is, and at last its answer or what is wrong. */
export const answerMessageSchema = <A extends z.ZodType>(answer: A) =>
  z.union([
    z.strictObject({
      progress: z.strictObject({ phase: z.string(), step: z.int(), total: z.int() }),
    }),
    z.strictObject({ answer }),
    z.strictObject({ error: errorViewSchema }),
  ]);
