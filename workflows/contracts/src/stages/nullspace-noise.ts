import { z } from 'zod';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { checkpointPolicySchema } from '../optim-spec.js';
import { recipeSchema } from '../objective-spec.js';
import { defineStage } from './define.js';

/** Synthesis of an encoder noise; Liu et al., "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers", CPAL 2025. */
export const noiseSynthesisSchema = z.strictObject({
  /** `learned` is the paper's noise, `random` its control. */
  mode: z.enum(['learned', 'random']).default('learned'),
  /**
   * What `weightDecay`, `stopOn` and `schedule` are where they are left out. `as-released`: 0.01, batch, cosine. `corrected`: 0,
   * held-out, constant: decay alone moves a noise into the set, and the best of many batches is below the tolerance before
   * their mean is.
   */
  recipe: recipeSchema.default('corrected'),
  /** One noise for all batches, or for the first batch alone. */
  scope: z.enum(['universal', 'batch']).default('universal'),
  /** Entries uniform in [-limit, limit], the embedding of an image of ones, or the mean embedding of random images. */
  init: z.enum(['uniform', 'ones-image', 'mean-image']).default('uniform'),
  limit: z.number().positive().default(3),
  optimizer: z.enum(['adamw', 'gradient-descent']).default('adamw'),
  learningRate: z.number().positive().default(0.1),
  weightDecay: z.number().nonnegative().optional(),
  /** `steps` divides by ten at 30, 60 and 80 % of the budget. */
  schedule: z.enum(['cosine', 'constant', 'steps']).optional(),
  /** What is descended: a distance of logits or of features, squared or not. */
  loss: z.enum(['logits-sq', 'logits-l2', 'features-sq', 'features-l2']).default('logits-sq'),
  /** λ of the term −λ log‖noise‖, the paper's equation 6. */
  logBarrier: z.number().nonnegative().default(0),
  /** What the tolerance bounds: the squared distance of probabilities, summed over classes, or one of logits. */
  criterion: z.enum(['probs-sq', 'logits-sq', 'logits-l2']).default('probs-sq'),
  /** On the batch, on the mean of the last `window` batches, on held-out images after every `window` steps, or never. */
  stopOn: z.enum(['batch', 'average', 'held-out', 'never']).optional(),
  window: z.int().min(1).max(1000).default(8),
  /** The last so many training images, a quarter of all at most, which the search then does not see. */
  heldOutImages: z.int().min(1).default(512),
  /** Tolerance on the criterion; probabilities differ by 2 at most. */
  epsilon: z.number().positive().default(0.03),
  maxSteps: z.int().min(1).max(100_000).default(200),
  /** Ends the search after so many passes over the images, of each of which `fraction` is used; `maxSteps` holds too. */
  rounds: z.int().min(1).max(1000).optional(),
  /** Also how much of its way the cosine goes. */
  fraction: z.number().positive().max(1).default(0.1),
  batchSize: z.int().min(1).max(8192).default(128),
});

/** Means over images; p and z are probabilities and logits, the prediction that without noise. */
export const noiseInfluenceSchema = z.strictObject({
  /** Σ (h − h̃)² over the features that the head reads. */
  mseFeatures: z.number(),
  /** Σ (z − z̃)² over classes. */
  mseLogits: z.number(),
  /** Σ (p − p̃)² over classes. */
  mseProbs: z.number(),
  /** |p − p̃| of the predicted class. */
  absConfidence: z.number(),
  /** (p − p̃)² of the predicted class. */
  mseConfidence: z.number(),
  /** Fraction of images whose prediction stays. */
  match: z.number(),
});

/** Pixel noise in a picture, within what the picture can hold. */
export const pixelNoiseFactsSchema = z.strictObject({
  limit: z.enum(['unbounded', 'clipped', '8-bit']),
  images: z.int(),
  /** ‖W v‖ / (‖W‖ ‖v‖) of what of the noise is left, its mean over images. */
  relativeResidual: z.number(),
  /** Share of the numbers of a picture that the limit changed. */
  changed: z.number(),
  /** Fraction of images whose prediction stays. */
  match: z.number(),
});

/** The first noise of the encoder as a change of pixels, exact as far as the embedding allows or within a picture. */
export const noiseAsPixelsSchema = z.strictObject({
  limit: z.enum(['unbounded', 'clipped']),
  images: z.int(),
  /** ‖W p − δ‖ / ‖δ‖ of the pixels p and the noise δ, its mean over images. */
  relativeResidual: z.number(),
  /** Fraction of images whose prediction stays. */
  match: z.number(),
});

/** One noise of the encoder. */
export const encoderNoiseFactsSchema = z.strictObject({
  steps: z.int(),
  /** Whether the tolerance was met within the budget. */
  converged: z.boolean(),
  normAtStart: z.number(),
  norm: z.number(),
  /** Without the mean of every token's entries, which LayerNorm takes out. */
  normSeen: z.number(),
  learned: noiseInfluenceSchema,
  /** The same entries permuted: equal norm, direction destroyed. */
  permuted: noiseInfluenceSchema,
});

/** What is known of the null space of a patch embedding. */
export const patchNullSpaceSchema = z.strictObject({
  /** By the rule in use. */
  rank: z.int(),
  /** Dimension of what noise is drawn from, per patch. */
  nullity: z.int(),
  /** By SciPy's rule, and by one that takes no direction of more than 1e-6 of the largest. */
  ranks: z.strictObject({ scipy: z.int(), strict: z.int() }),
  /** Singular values at or below it count as 0. */
  tolerance: z.number(),
  /** ‖W v‖ / (‖W‖ ‖v‖) of the sampled pixel noise. */
  relativeResidual: z.number(),
});

export const nullspaceNoiseStage = defineStage({
  kind: 'nullspace-noise',
  description: 'Null space of the patch embedding, and noises in the approximate null space of the encoder.',
  params: z.strictObject({
    train: trainDataSchema.prefault({}),
    test: testDataSchema.prefault({}),
    synthesis: noiseSynthesisSchema.prefault({}),
    /** Independent noises, sought at once. */
    noises: z.int().min(1).max(64).default(1),
    /** Cuts the noises into chunks of so many over the workers of the pool; one noise is never cut. The same bytes whoever computes them. */
    chunkNoises: z.int().min(1).max(64).optional(),
    /** Noise of the patch embedding's null space. */
    pixels: z
      .strictObject({
        /** Frobenius norm in normalised pixels, over the whole image. */
        norm: z.number().positive().default(30),
        /** Rings of patches at the border that stay as they are. */
        margin: z.int().min(0).default(0),
        rankRule: z.enum(['scipy', 'strict']).default('scipy'),
        basis: z.enum(['joint', 'per-channel']).default('joint'),
        /** Also the most visible noise of each example that leaves a picture, found in these ways. */
        visible: z.array(z.enum(['greedy', 'constrained', 'targeted'])).default([]),
      })
      .prefault({}),
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
        'Encoder noises [M, N, D], their starts, pixel noise [C, S, S] in the null space of the patch embedding, and example images with what they do to them.',
    },
    history: { type: 'history', description: 'Loss, distance and norm by step.' },
  },
  summary: patchNullSpaceSchema.extend({
    pixelNoise: z.array(pixelNoiseFactsSchema),
    noiseAsPixels: z.array(noiseAsPixelsSchema),
    noises: z.array(encoderNoiseFactsSchema),
  }),
});
