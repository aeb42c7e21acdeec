/** What the command line asks of the process that explains a person's own pictures, and what it is told. */
import { z } from 'zod';
import { slugSchema } from './ids.js';
import { numericsQuestionSchema } from './numerics-report.js';
import { failureMessageSchema, progressMessageSchema } from './answer-message.js';
import { explanationMethodSchema, explanationScoresSchema } from './stages/explain.js';

const path = z.string().min(1);

export const pictureJobSchema = z.strictObject({
  numerics: numericsQuestionSchema,
  /** Files, by absolute paths. */
  model: path,
  gates: z.record(slugSchema, path),
  denoiser: path.optional(),
  images: z.array(path).min(1).max(200),
  /** A class a line. */
  classes: path.optional(),
  /** The folder that the pictures are written to. */
  out: path,
  fit: z.enum(['stretch', 'crop']),
  methods: z.array(explanationMethodSchema).optional(),
  /** Whether methods are scored as well, which takes longer. */
  scores: z.boolean(),
  seed: z.int().min(0).max(0xffff_ffff),
});

const pictureFactsSchema = z.strictObject({
  name: z.string(),
  predicted: z.string(),
  confidence: z.number(),
  /** Of each gate set: what its mask keeps and costs, in nats, and what it was trained to cost at most. */
  masks: z.array(
    z.strictObject({
      label: slugSchema,
      kept: z.number(),
      divergence: z.number(),
      tolerance: z.number(),
      sameClass: z.boolean(),
    }),
  ),
});

export const pictureAnswerSchema = z.strictObject({
  out: path,
  /** The page that compares the methods. */
  page: path,
  pictures: z.array(pictureFactsSchema),
  scores: z.array(explanationScoresSchema),
  warnings: z.array(z.string()),
});

/** One line of what the process writes. */
export const pictureMessageSchema = z.union([
  progressMessageSchema,
  z.strictObject({ answer: pictureAnswerSchema }),
  failureMessageSchema,
]);

export type PictureJob = z.infer<typeof pictureJobSchema>;
export type PictureAnswer = z.infer<typeof pictureAnswerSchema>;
export type PictureMessage = z.infer<typeof pictureMessageSchema>;
