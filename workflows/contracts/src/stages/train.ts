import { z } from 'zod';
import { augmentationSchema } from '../augmentation-spec.js';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { vitSpecSchema } from '../model-spec.js';
import { checkpointPolicySchema, optimizerSchema } from '../optim-spec.js';
import { checkMicroBatch, stepMemoryFields } from '../step-memory.js';
import { defineStage } from './define.js';

export const trainingSummarySchema = z.strictObject({
  steps: z.int(),
  finalLoss: z.number(),
  /** Fraction of the test images classified right by the final weights. */
  testAccuracy: z.number(),
  parameters: z.int(),
  /** sha256 over the final weights; equal for equal seed, data, code and numerics profile. */
  weightsSha256: z.string(),
});

export const trainStage = defineStage({
  kind: 'train',
  spreads: true,
  description: 'Train a vision transformer from random or given weights.',
  params: z
    .strictObject({
      model: vitSpecSchema.prefault({}),
      train: trainDataSchema.prefault({}),
      test: testDataSchema.prefault({}),
      epochs: z.int().min(1).max(10_000).default(30),
      /** Ends after so many of the epochs, and gives the state to go on from: a rung of a sweep. */
      stopAfterEpochs: z.int().min(1).max(10_000).optional(),
      batchSize: z.int().min(1).max(8192).default(64),
      ...stepMemoryFields,
      labelSmoothing: z.number().min(0).max(0.5).default(0.1),
      optimizer: optimizerSchema.prefault({}),
      /** Zero padding in pixels before the random crop; 0 switches the crop off. */
      cropPadding: z.int().min(0).max(64).default(4),
      flip: z.boolean().default(true),
      augmentation: augmentationSchema.default('none'),
      checkpoint: checkpointPolicySchema.prefault({}),
    })
    .superRefine(checkMicroBatch),
  inputs: {
    init: {
      type: 'model',
      arity: 'one',
      required: false,
      description: 'Weights to start from instead of random ones.',
    },
    resume: {
      type: 'checkpoint',
      arity: 'one',
      required: false,
      description:
        'The state that a training of the same model and data stopped in; this one goes on from there.',
    },
  },
  outputs: {
    model: { type: 'model', description: "The trained weights in timm's layout." },
    history: { type: 'history', description: 'Loss, learning rate and accuracy by step.' },
    state: {
      type: 'checkpoint',
      when: 'stopAfterEpochs',
      description: 'Weights, optimizer and history where it stopped. Only with `stopAfterEpochs`.',
    },
  },
  summary: trainingSummarySchema,
});
