import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { defineStage } from './define.js';

const budget = z.number().positive().max(1);

/** Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", ICLR 2019. */
const BENCHMARK_CORRUPTIONS = [
  ...(['gaussian_noise', 'shot_noise', 'impulse_noise'] as const),
  ...(['defocus_blur', 'glass_blur', 'motion_blur', 'zoom_blur'] as const),
  ...(['snow', 'frost', 'fog', 'brightness'] as const),
  ...(['contrast', 'elastic_transform', 'pixelate', 'jpeg_compression'] as const),
] as const;
const CORRUPTIONS = [...BENCHMARK_CORRUPTIONS, 'speckle_noise', 'gaussian_blur', 'saturate'] as const;
const SEVERITIES = [1, 2, 3, 4, 5] as const;

/** Strengths of CIFAR-10-C, made for 32 × 32 pixels, or of ImageNet-C. */
const corruptionScaleSchema = z.enum(['cifar', 'imagenet']);

/** One condition under which accuracy is measured. Budgets are in pixels of [0, 1]. */
const plainConditions = [
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
  /** The smallest change of the pixels that makes an image wrong, in L2 and as DeepFool finds it: look at `distance`. */
  z.strictObject({
    kind: z.literal('deepfool'),
    steps: z.int().min(1).max(1000).default(50),
    overshoot: z.number().min(0).max(1).default(0.02),
    /** How many other classes are looked at, from the one in front. */
    candidates: z.int().min(1).max(1000).default(10),
  }),
] as const;

export const conditionSchema = z.discriminatedUnion('kind', [
  ...plainConditions,
  z.strictObject({
    kind: z.literal('corruption'),
    corruption: z.enum(CORRUPTIONS),
    severity: z.int().min(1).max(5),
    scale: corruptionScaleSchema,
  }),
]);
export type Condition = z.infer<typeof conditionSchema>;

/** As asked for: a corruption may be several at once. */
export const requestedConditionSchema = z.discriminatedUnion('kind', [
  ...plainConditions,
  z.strictObject({
    kind: z.literal('corruption'),
    /** One, the fifteen of the benchmark, or all. */
    corruption: z.enum([...CORRUPTIONS, 'benchmark', 'all']).default('benchmark'),
    severity: z.union([z.int().min(1).max(5), z.literal('all')]).default('all'),
    scale: corruptionScaleSchema.default('cifar'),
  }),
]);

/** The conditions that a request stands for. */
export function conditionsOf(requested: z.infer<typeof requestedConditionSchema>): Condition[] {
  if (requested.kind !== 'corruption') return [requested];
  const { corruption, severity, scale } = requested;
  const kinds =
    corruption === 'benchmark' ? BENCHMARK_CORRUPTIONS : corruption === 'all' ? CORRUPTIONS : [corruption];
  const severities = severity === 'all' ? SEVERITIES : [severity];
  return kinds.flatMap((kind) =>
    severities.map((at) => ({ kind: 'corruption' as const, corruption: kind, severity: at, scale })),
  );
}

export const conditionResultSchema = z.strictObject({
  condition: conditionSchema,
  images: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  /** Wilson's 95 % interval. */
  low: z.number(),
  high: z.number(),
  /** Mean over the images of the L2 norm by which their pixels in [0, 1] were changed; absent in results of earlier versions. */
  distance: z.number().min(0).optional(),
});

/** Errors under corruptions, in [0, 1]. */
export const corruptionSummarySchema = z.strictObject({
  /** Mean over corruptions of the mean over severities. */
  meanError: z.number(),
  /** Of the benchmark's fifteen alone; null unless all were measured at all severities. */
  benchmarkError: z.number().nullable(),
  /** mCE: the benchmark's errors in per cent of AlexNet's; null but for 1000 classes. */
  meanCorruptionError: z.number().nullable(),
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
  corruptions: corruptionSummarySchema.optional(),
});

export const evaluateStage = defineStage({
  kind: 'evaluate',
  description:
    'Accuracy with intervals on clean images, under Gaussian noise and common corruptions, and under FGSM, PGD and DeepFool.',
  params: z
    .strictObject({
      test: testDataSchema.prefault({}),
      batchSize: z.int().min(1).max(8192).default(128),
      /** Cuts the work into chunks of so many images, each a multiple of the batch, over the workers of the pool. The figures are the same. */
      chunkImages: z.int().min(1).max(1_000_000).optional(),
      /**
       * Numbers of the classes among which the model is to choose: the logits of all others are −∞, as for ImageNet-A and -R, which
       * hold 200 of ImageNet's classes. All, when absent.
       */
      amongClasses: z.array(z.int().min(0)).min(2).max(100_000).optional(),
      conditions: z
        .array(requestedConditionSchema)
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
    predictions: {
      type: 'predictions',
      description: 'Logits [B, K] of each condition, and by how much it changed each image.',
    },
  },
  summary: z.strictObject({
    conditions: z.array(conditionResultSchema),
    corruptions: corruptionSummarySchema.optional(),
  }),
});
