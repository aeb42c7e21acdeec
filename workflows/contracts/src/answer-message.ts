/** What a program writes that the command line starts for something that computes: how far it is, and at last its answer or what is wrong. */
import { z } from 'zod';
import { errorViewSchema } from './error-view.js';

export const progressMessageSchema = z.strictObject({
  progress: z.strictObject({ phase: z.string(), step: z.int(), total: z.int() }),
});

export const failureMessageSchema = z.strictObject({ error: errorViewSchema });

/** One line of it. */
export type AnswerMessage<A> =
  z.infer<typeof progressMessageSchema> | { readonly answer: A } | z.infer<typeof failureMessageSchema>;
