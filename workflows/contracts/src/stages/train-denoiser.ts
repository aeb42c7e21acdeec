import { z } from 'zod';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { denoiserSpecSchema } from '../denoiser-spec.js';
import { checkpointPolicySchema, optimizerSchema } from '../optim-spec.js';
import { defineStage } from './define.js';

export const trainDenoiserStage = defineStage({
  kind: 'train-denoiser',
  description: 'Train a diffusion denoiser (U-Net), with pictures of what it makes up on the way.',
  params: z.strictObject({
    model: denoiserSpecSchema.prefault({}),
    train: trainDataSchema.prefault({}),
    test: testDataSchema.prefault({}),
    epochs: z.int().min(1).max(100_000).default(10),
    batchSize: z.int().min(1).max(8192).default(64),
    optimizer: optimizerSchema.prefault({ learningRate: 2e-4, minLearningRate: 2e-4, weightDecay: 0 }),
    /** Of the running mean of the weights, which is what the stage gives. */
    averageDecay: z.number().min(0).max(0.999999).default(0.9999),
    /** Share of elements set to zero before the last convolution of each residual block, in training. */
    dropout: z.number().min(0).max(0.9).default(0),
    flip: z.boolean().default(true),
    samples: z
      .strictObject({
        sampler: z.enum(['ddpm', 'ddim']).default('ddim'),
        /** Steps of the sampler, spread over those of the diffusion. */
        steps: z.int().min(1).max(10_000).default(50),
        /** Images of a grid, a square number of them. */
        count: z
          .int()
          .min(1)
          .max(256)
          .default(16)
          .refine((count) => Number.isInteger(Math.sqrt(count)), 'expected a square number'),
        /** Grids over the whole training, the last one included. */
        grids: z.int().min(1).max(100).default(4),
      })
      .prefault({}),
    checkpoint: checkpointPolicySchema.prefault({}),
  }),
  inputs: {
    init: {
      type: 'denoiser',
      arity: 'one',
      required: false,
      description: 'Weights to start from instead of random ones.',
    },
  },
  outputs: {
    denoiser: {
      type: 'denoiser',
      description: "The running mean of the weights, under improved-diffusion's names in PyTorch's layouts.",
    },
    history: { type: 'history', description: 'Loss by step, loss on test images, and the grids of samples.' },
    samples: { type: 'picture', description: 'The last grid of samples.' },
  },
  summary: z.strictObject({
    steps: z.int(),
    finalLoss: z.number(),
    /** Mean squared error of the predicted noise on test images, by the running mean of the weights. */
    testLoss: z.number(),
    parameters: z.int(),
    weightsSha256: z.string(),
  }),
});
