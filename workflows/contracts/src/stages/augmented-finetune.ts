import { z } from 'zod';
import { augmentationSchema } from '../augmentation-spec.js';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { checkpointPolicySchema, optimizerSchema } from '../optim-spec.js';
import { objectiveSchema, recipeSchema, trainableSchema } from '../objective-spec.js';
import { checkMicroBatch, stepMemoryFields } from '../step-memory.js';
import { defineStage } from './define.js';
import { requestedConditionSchema } from './evaluate.js';
import { noiseSynthesisSchema } from './nullspace-noise.js';
import { trainingSummarySchema } from './train.js';

export const augmentedFinetuneStage = defineStage({
  kind: 'augmented-finetune',
  spreads: true,
  description:
    'Finetune on clean images and on noisy or adversarial ones; noise is synthesized anew against the current weights in every round.',
  params: z
    .strictObject({
      train: trainDataSchema.prefault({}),
      test: testDataSchema.prefault({}),
      recipe: recipeSchema.default('corrected'),
      rounds: z.int().min(1).max(1000).default(8),
      stepsPerRound: z.int().min(1).max(100_000).default(40),
      batchSize: z.int().min(1).max(8192).default(64),
      ...stepMemoryFields,
      labelSmoothing: z.number().min(0).max(0.5).default(0),
      optimizer: optimizerSchema.prefault({ learningRate: 1e-4, minLearningRate: 1e-5 }),
      objective: objectiveSchema.default({ kind: 'nullspace-noise' }),
      /** Of the noises of `nullspace-noise` and `random-noise`. */
      synthesis: noiseSynthesisSchema.omit({ mode: true, recipe: true }).prefault({}),
      trainable: trainableSchema.default({ kind: 'all' }),
      cropPadding: z.int().min(0).max(64).default(4),
      flip: z.boolean().default(true),
      augmentation: augmentationSchema.default('none'),
      /** Also judges the model on the first so many test images, before the first step and at the end of rounds: curves of robustness. */
      watch: z
        .strictObject({
          images: z.int().min(1).max(1_000_000).default(256),
          conditions: z.array(requestedConditionSchema).min(1),
        })
        .optional(),
      checkpoint: checkpointPolicySchema.prefault({}),
    })
    .superRefine(checkMicroBatch),
  inputs: { model: { type: 'model', arity: 'one', required: true, description: 'The model to harden.' } },
  outputs: {
    model: { type: 'model', description: 'The finetuned weights.' },
    history: { type: 'history', description: 'Losses by step, and each round of noise synthesis.' },
  },
  summary: trainingSummarySchema.extend({
    rounds: z.array(
      z.strictObject({
        round: z.int(),
        synthesisSteps: z.int(),
        converged: z.boolean(),
        norm: z.number(),
        mseProbs: z.number(),
      }),
    ),
  }),
});
