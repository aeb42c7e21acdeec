/** What the command line asks of the process that recomputes the figures of a run, and what it is told. */
import { z } from 'zod';
import { sha256Schema } from './artifact-ref.js';
import { runIdSchema, slugSchema } from './ids.js';
import { failureMessageSchema, progressMessageSchema } from './answer-message.js';

export const verificationJobSchema = z.strictObject({ project: slugSchema, runId: runIdSchema });
export type VerificationJob = z.infer<typeof verificationJobSchema>;

/** A figure that is not what follows from the stored bytes, or bytes that are not what was stored. */
export const figureDifferenceSchema = z.strictObject({
  /** `stage.output`, or `stage.summary` for what the run says of the stage. */
  where: z.string(),
  /** Path of the figure in it, such as `conditions.2.accuracy`; `bytes` for the whole of it. */
  figure: z.string(),
  /** Digest of the artifact that the figure stands in; of a summary, of the one that it follows from. */
  sha256: sha256Schema,
  stored: z.string(),
  recomputed: z.string(),
});
export type FigureDifference = z.infer<typeof figureDifferenceSchema>;

/** What was held to the stored bytes of a run, and what came of it. */
export const verificationSchema = z.strictObject({
  project: slugSchema,
  runId: runIdSchema,
  /** Artifacts read from the first byte to the last, each once. */
  artifacts: z.int(),
  /** Figures computed anew, those of summaries among them. */
  figures: z.int(),
  differences: z.array(figureDifferenceSchema),
  /** Stages with figures that no stored bytes give: they were measured while the stage ran. */
  measured: z.array(z.strictObject({ stage: z.string(), reason: z.string() })),
});
export type Verification = z.infer<typeof verificationSchema>;

/** One line of what the process writes. */
export const verificationMessageSchema = z.union([
  progressMessageSchema,
  z.strictObject({ answer: verificationSchema }),
  failureMessageSchema,
]);
export type VerificationMessage = z.infer<typeof verificationMessageSchema>;
