import { z } from 'zod';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { checkpointPolicySchema } from '../optim-spec.js';
import { defineStage } from './define.js';

/** Synthesis of one encoder noise; Liu et al., "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers", CPAL 2025. */
export const noiseSynthesisSchema = z.strictObject({
  /** `learned` is the paper's noise, `random` its control. */
  mode: z.enum(['learned', 'random']).default('learned'),
  /** Entries start uniform in [-limit, limit]. */
  limit: z.number().positive().default(3),
  learningRate: z.number().positive().default(0.1),
  weightDecay: z.number().nonnegative().default(0.01),
  /** Tolerance on the mean squared difference of the class probabilities, summed over classes; in [0, 2]. */
  epsilon: z.number().positive().max(2).default(0.03),
  maxSteps: z.int().min(1).max(100_000).default(200),
  batchSize: z.int().min(1).max(8192).default(128),
});

export const noiseInfluenceSchema = z.strictObject({
  /** Mean squared difference of probabilities, summed over classes. */
  mseProbs: z.number(),
  /** Fraction of images whose prediction stays. */
  match: z.number(),
});

export const nullspaceNoiseStage = defineStage({
  kind: 'nullspace-noise',
  description: 'Null space of the patch embedding, and a noise in the approximate null space of the encoder.',
  params: z.strictObject({
    train: trainDataSchema.prefault({}),
    test: testDataSchema.prefault({}),
    synthesis: noiseSynthesisSchema.prefault({}),
    /** Frobenius norm of the sampled pixel noise, in normalised pixels, over the whole image. */
    pixelNorm: z.number().positive().default(30),
    checkpoint: checkpointPolicySchema.prefault({}),
  }),
  inputs: {
    model: {
      type: 'model',
      arity: 'one',
      required: true,
      description: 'The model whose null space is sought.',
    },
  },
  outputs: {
    noise: {
      type: 'noise',
      description:
        'Encoder noise [1, N, D], its start, pixel noise [C, S, S] in the null space of the patch embedding, and example images with what they do to them.',
    },
    history: { type: 'history', description: 'Loss, distance and norm by step.' },
  },
  summary: z.strictObject({
    /** Null space of the patch embedding. */
    rank: z.int(),
    nullity: z.int(),
    /** ‖W v‖ / (‖W‖ ‖v‖) of the sampled pixel noise. */
    relativeResidual: z.number(),
    steps: z.int(),
    /** Whether the tolerance was met within the budget. */
    converged: z.boolean(),
    normAtStart: z.number(),
    norm: z.number(),
    learned: noiseInfluenceSchema,
    /** The same entries permuted: equal norm, direction destroyed. */
    permuted: noiseInfluenceSchema,
  }),
});
