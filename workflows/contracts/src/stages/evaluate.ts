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

/** AutoAttack's standard version: Croce & Hein, ICML 2020. */
const STANDARD_ATTACKS = ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const;

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
  /** The smallest change in L2 that Adam finds, weighed by c against being wrong: look at `distance`. */
  z.strictObject({
    kind: z.literal('carlini-wagner'),
    c: z.number().positive().max(1e6).default(1),
    kappa: z.number().min(0).max(1000).default(0),
    steps: z.int().min(1).max(10_000).default(50),
    learningRate: z.number().positive().max(1).default(0.01),
  }),
  /**
   * AutoAttack in L∞ as RobustBench counts by it: accuracy is of images that withstand all its attacks. Each goes on with what those
   * before it have left, and an image is left alone once it is wrong.
   */
  z.strictObject({
    kind: z.literal('autoattack'),
    epsilon: budget,
    /** Some of them alone, in this order. Square asks for answers and for no gradient. */
    attacks: z
      .array(z.enum(STANDARD_ATTACKS))
      .min(1)
      .max(STANDARD_ATTACKS.length)
      .default([...STANDARD_ATTACKS]),
    /** Of APGD and FAB. */
    steps: z.int().min(1).max(10_000).default(100),
    /** Random starts of APGD. */
    restarts: z.int().min(1).max(100).default(1),
    /** Classes that APGD-T and FAB-T aim at, from the one that is second on the clean image. */
    targets: z.int().min(1).max(1000).default(9),
    /** Of Square. */
    queries: z.int().min(1).max(1_000_000).default(5000),
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
  /** Relative mCE, of what corruptions add to the error on clean images; null where those were not asked for. Absent in earlier versions. */
  relativeCorruptionError: z.number().nullable().optional(),
});

const meanScoreSchema = z.strictObject({
  mean: z.number(),
  /** 95 % interval of the mean. */
  low: z.number(),
  high: z.number(),
});

/** How far probabilities mean what they say. */
const calibrationSchema = z.strictObject({
  /** Over fifteen equal bins of confidence: the mean and the largest difference of accuracy and confidence. */
  expectedError: z.number(),
  largestError: z.number(),
  brier: meanScoreSchema,
  /** In nats. */
  logLoss: meanScoreSchema,
  /** Share of images whose class is among the five largest logits. */
  topFive: z.number(),
  bins: z.array(z.strictObject({ images: z.int(), confidence: z.number(), accuracy: z.number() })),
});

/** Something that holds unless gradients are masked. */
export const maskingCheckSchema = z.strictObject({
  check: z.enum(['unbounded', 'black-box', 'one-step', 'budget']),
  epsilon: z.number(),
  expected: z.string(),
  found: z.string(),
  holds: z.boolean(),
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
  /** Of each condition, in their order; null where logits are no distribution. Absent in results of earlier versions, as what follows. */
  calibration: z.array(calibrationSchema.nullable()).optional(),
  /** Whether attacks behave as they do where gradients are not masked. */
  masking: z.array(maskingCheckSchema).optional(),
});

export const evaluateStage = defineStage({
  kind: 'evaluate',
  description:
    'Accuracy with intervals on clean images, under Gaussian noise and common corruptions, and under attacks: FGSM, PGD, DeepFool, Carlini & Wagner, AutoAttack.',
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
      description:
        'Accuracy, interval and calibration of each condition, signs of masked gradients, labels, confusion matrix.',
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
