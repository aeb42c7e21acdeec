import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { fewestDraws } from '../smoothing-limits.js';
import { defineStage } from './define.js';

const attentionClaimSchema = z.strictObject({
  /** Size of the set of tokens that the attention is highest at. */
  k: z.int().min(1).default(8),
  /** Share of the set that must stay. */
  beta: z.number().positive().max(1).default(0.5),
  /** Draws that rank the tokens, and as many more that bound their votes. */
  draws: z.int().min(10).max(1_000_000).default(200),
});

export const certifiedExampleSchema = z.strictObject({
  /** Number of the image within its data set. */
  idx: z.int(),
  label: z.int(),
  /** −1 for an abstention. */
  predict: z.int(),
  /** L2, for pixels in [0, 1]; 0 for an abstention. */
  radius: z.number(),
  correct: z.boolean(),
  /** Draws made, of all kinds. Absent, like all that follows, from a table that does not say. */
  draws: z.int().optional(),
  /** Lower bound of the class's probability; 0 for an abstention. */
  probability: z.number().optional(),
  /** The radius by Rényi's divergence. */
  renyi: z.number().optional(),
  /** The largest L∞ ball inside the certified one. */
  linf: z.number().optional(),
  /** PREDICT on the selecting draws: −1 when two classes are not told apart. */
  voted: z.int().optional(),
  pValue: z.number().optional(),
  attention: z
    .strictObject({
      top: z.array(z.int()),
      /** Certified; null where nothing can break the claim. */
      radius: z.number().nullable(),
      /** Of prediction and attention together; and the largest L∞ ball inside. */
      faithful: z.number(),
      faithfulLinf: z.number(),
      /** As if the mean of the draws were exact. */
      estimates: z.strictObject({ renyi: z.number().nullable(), lipschitz: z.number().nullable() }),
    })
    .optional(),
});

export const certifiedAccuracySchema = z.strictObject({ radius: z.number(), accuracy: z.number() });

/** Where certificates come from: computed by a stage, or read from somebody's table. */
const certificationOriginSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('computed'),
    dataset: z.string(),
    datasetSha256: z.string(),
    modelSha256: z.string(),
    /** Absent without a denoiser. */
    denoiserSha256: z.string().optional(),
    classNames: z.array(z.string()),
    alpha: z.number(),
    selection: z.int(),
    draws: z.int(),
    /** Time step of the diffusion whose noise is sigma's. */
    step: z.int().optional(),
  }),
  z.strictObject({ kind: z.literal('imported'), source: z.string(), sourceSha256: z.string() }),
]);

/** The certification artifact. */
export const certificationSchema = z.strictObject({
  origin: certificationOriginSchema,
  /** Absent from a table whose noise nobody told. */
  sigma: z.number().optional(),
  examples: z.array(certifiedExampleSchema),
  /** Where the certified accuracy falls, and from what. */
  curve: z.array(certifiedAccuracySchema),
});

export const certifyStage = defineStage({
  kind: 'certify',
  description:
    'Randomized smoothing: certified radii, predictions, smoothed attention and the region in which both stay, with or without a denoiser.',
  params: z
    .strictObject({
      test: testDataSchema.prefault({}),
      /** Every so many of the images, from the first. */
      every: z.int().min(1).default(1),
      /** Standard deviation of the noise, for pixels in [0, 1]. */
      sigma: z.number().positive().max(100).default(0.25),
      /** Probability that a certificate is wrong; halved between class and attention where both are asked for. */
      alpha: z.number().positive().max(0.5).default(0.001),
      /** Draws that choose the class. */
      selection: z.int().min(1).max(1_000_000).default(100),
      /** Draws that bound its probability. */
      draws: z.int().min(1).max(10_000_000).default(1000),
      batchSize: z.int().min(1).max(8192).default(100),
      /** Images between two checkpoints; results do not depend on it. */
      chunk: z.int().min(1).max(10_000).default(4),
      /** Cuts the work into chunks of so many images over the workers of the pool. The results are the same, byte for byte. */
      chunkImages: z.int().min(1).max(1_000_000).optional(),
      denoising: z.enum(['one-shot', 'multi-step']).default('one-shot'),
      /** When to give an image up: never before the last draw, when nothing else can come of it, or when it is likely. */
      abstention: z.enum(['never', 'certain', 'likely']).default('certain'),
      attention: attentionClaimSchema.optional(),
    })
    .superRefine(({ alpha, draws, attention }, context) => {
      const share = attention ? alpha / 2 : alpha;
      if (draws < fewestDraws(share))
        context.addIssue({
          code: 'custom',
          path: ['draws'],
          message: `expected at least ${fewestDraws(share)}, the fewest that can certify anything at alpha ${share}, got ${draws}`,
        });
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
    certification: {
      type: 'certification',
      description: 'Every example, settings, certified-accuracy curve.',
    },
    certificates: {
      type: 'certificates',
      description: 'One line an example, tab-separated, under the names of locuslab/smoothing.',
    },
    table: { type: 'table', description: 'The same as Parquet.' },
    attention: {
      type: 'predictions',
      description: 'Smoothed attention [n, N] and the numbers of its images; empty unless asked for.',
    },
  },
  summary: z.strictObject({
    examples: z.int(),
    abstained: z.int(),
    /** Certified accuracy at these radii. */
    certified: z.array(certifiedAccuracySchema),
    meanRadius: z.number(),
    draws: z.int(),
  }),
});
