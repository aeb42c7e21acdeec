import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { defineStage } from './define.js';

/** Of the classifier's own attention, and of the smoothed one. */
const pairOf = <S extends z.ZodType>(schema: S) => z.strictObject({ plain: schema, smoothed: schema });
const numbers = pairOf(z.number());

/** Share of the top tokens that stays, under each condition. */
const overlapSchema = z.strictObject({
  /** Random perturbations, the mean over them. */
  perturbed: numbers,
  /** PGD on the classifier alone, which knows nothing of the noise. */
  transferred: numbers,
  /** PGD on the attention itself: for the smoothed one through noise and denoiser, averaged over draws. */
  adaptive: numbers,
});

/** Right (1) or wrong (0) at each share of blackened pixels, by what the map is of. */
const outcomesSchema = z.strictObject({ positive: z.string(), negative: z.string() });
const segmentationCountsSchema = z.strictObject({
  right: z.int(),
  labelled: z.int(),
  intersections: z.tuple([z.int(), z.int()]),
  unions: z.tuple([z.int(), z.int()]),
  averagePrecision: z.number(),
});

export const judgedImageSchema = z.strictObject({
  idx: z.int(),
  label: z.int(),
  overlap: overlapSchema,
  /** Largest relative change of the map under the random perturbations. */
  sensitivity: numbers,
  /** Maps of the clean image, and of the one under the transferred attack; blackened are pixels of the clean one. */
  perturbation: z.strictObject({ clean: pairOf(outcomesSchema), attacked: pairOf(outcomesSchema) }),
  segmentation: pairOf(segmentationCountsSchema).optional(),
});

const curveSchema = z.strictObject({ accuracies: z.array(z.number()), area: z.number() });
const curvesSchema = pairOf(z.strictObject({ positive: curveSchema, negative: curveSchema }));

/** Means over the images. */
export const faithfulnessFiguresSchema = z.strictObject({
  images: z.int(),
  overlap: overlapSchema,
  sensitivity: numbers,
  perturbation: z.strictObject({ clean: curvesSchema, attacked: curvesSchema }),
  /** Where the data set has masks. */
  segmentation: pairOf(
    z.strictObject({
      pixelAccuracy: z.number(),
      meanIntersectionOverUnion: z.number(),
      meanAveragePrecision: z.number(),
    }),
  ).optional(),
});

/** The faithfulness artifact. */
export const faithfulnessSchema = z.strictObject({
  dataset: z.string(),
  datasetSha256: z.string(),
  modelSha256: z.string(),
  denoiserSha256: z.string().optional(),
  sigma: z.number(),
  draws: z.int(),
  k: z.int(),
  epsilon: z.number(),
  steps: z.int(),
  images: z.array(judgedImageSchema),
  figures: faithfulnessFiguresSchema,
});

export const judgeAttentionStage = defineStage({
  kind: 'judge-attention',
  description:
    'How stable and how faithful attention is, of the classifier and smoothed: overlap under perturbation and attack, perturbation tests, segmentation.',
  params: z.strictObject({
    test: testDataSchema.prefault({}),
    /** Every so many of the images, from the first. */
    every: z.int().min(1).default(1),
    /** Standard deviation of the noise, for pixels in [0, 1]. */
    sigma: z.number().positive().max(100).default(0.12),
    /** Draws of a smoothed map. */
    draws: z.int().min(1).max(1_000_000).default(50),
    batchSize: z.int().min(1).max(8192).default(50),
    denoising: z.enum(['one-shot', 'multi-step']).default('one-shot'),
    /** Size of the set of tokens that the attention is highest at. */
    k: z.int().min(1).default(8),
    /** Of perturbations and attacks, in L∞. */
    epsilon: z
      .number()
      .positive()
      .max(1)
      .default(8 / 255),
    /** Of each attack. */
    steps: z.int().min(1).max(1000).default(10),
    /** Random perturbations of an image. */
    perturbations: z.int().min(1).max(1000).default(4),
  }),
  inputs: {
    model: { type: 'model', arity: 'one', required: true, description: 'The classifier.' },
    denoiser: {
      type: 'denoiser',
      arity: 'one',
      required: false,
      description: 'Before the classifier; without it, the classifier sees the noise.',
    },
  },
  outputs: {
    faithfulness: { type: 'faithfulness', description: 'Every image, settings, means.' },
    maps: {
      type: 'predictions',
      description: 'Attention [n, N], plain and smoothed, and the images’ numbers.',
    },
  },
  summary: faithfulnessFiguresSchema,
});
