import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { defineStage } from './define.js';

const budget = z.number().positive().max(1);

/** One condition under which accuracy is measured. Budgets are in pixels of [0, 1]. */
export const conditionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('clean') }),
  z.strictObject({ kind: z.literal('gaussian'), sigma: budget }),
  z.strictObject({ kind: z.literal('fgsm'), epsilon: budget }),
  z.strictObject({
    kind: z.literal('pgd'),
    epsilon: budget,
    stepSize: budget,
    steps: z.int().min(1).max(1000),
    restarts: z.int().min(1).max(100).default(1),
  }),
]);

export const conditionResultSchema = z.strictObject({
  condition: conditionSchema,
  images: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  /** Wilson's 95 % interval. */
  low: z.number(),
  high: z.number(),
});

/** The evaluation artifact: enough to recompute every number from the stored logits. */
export const evaluationSchema = z.strictObject({
  dataset: z.string(),
  datasetSha256: z.string(),
  modelSha256: z.string(),
  classNames: z.array(z.string()),
  labels: z.array(z.int()),
  conditions: z.array(conditionResultSchema),
  /** Rows: true class; columns: predicted class; on clean images. */
  confusion: z.array(z.array(z.int())),
});

export const evaluateStage = defineStage({
  kind: 'evaluate',
  description: 'Accuracy with intervals on clean images, under Gaussian noise and under FGSM and PGD.',
  params: z
    .strictObject({
      test: testDataSchema.prefault({}),
      batchSize: z.int().min(1).max(8192).default(128),
      /** Cuts the work into chunks of so many images, each a multiple of the batch, over the workers of the pool. The figures are the same. */
      chunkImages: z.int().min(1).max(1_000_000).optional(),
      conditions: z
        .array(conditionSchema)
        .min(1)
        .default([
          { kind: 'clean' },
          { kind: 'gaussian', sigma: 0.1 },
          { kind: 'fgsm', epsilon: 2 / 255 },
          { kind: 'pgd', epsilon: 2 / 255, stepSize: 0.5 / 255, steps: 10, restarts: 1 },
        ]),
    })
    .refine(
      ({ chunkImages, batchSize }) => chunkImages === undefined || chunkImages % batchSize === 0,
      // Else an image would stand in another batch than without chunks, and its logits might differ in the last bit.
      { path: ['chunkImages'], message: 'expected a multiple of batchSize' },
    ),
  inputs: { model: { type: 'model', arity: 'one', required: true, description: 'The model to judge.' } },
  outputs: {
    evaluation: {
      type: 'evaluation',
      description: 'Accuracy and interval of each condition, labels, confusion matrix.',
    },
    predictions: { type: 'predictions', description: 'Logits [B, K] of each condition.' },
  },
  summary: z.strictObject({ conditions: z.array(conditionResultSchema) }),
});
