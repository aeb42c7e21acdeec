import { z } from 'zod';
import { testDataSchema, trainDataSchema } from '../dataset-spec.js';
import { checkpointPolicySchema } from '../optim-spec.js';
import { defineStage } from './define.js';

/** Gates of Vision DiffMask; Nalmpantis et al. 2023. A choice that ends in `as-released` is what the authors' code does. */
export const gateSettingsSchema = z.strictObject({
  /** Hidden units of a gate; a quarter of the model's width when left out. */
  hidden: z.int().min(1).max(8192).optional(),
  /** How far a vote reaches: the paper's alpha, 15 for CIFAR-10 and 20 for ImageNet. */
  stretch: z.number().positive().max(1000).default(15),
  placeholder: z.enum(['learned', 'zeros']).default('learned'),
  /** Divergence in nats that a mask may cause. */
  tolerance: z
    .number()
    .positive('expected more than 0: even the mask that keeps everything diverges by 0')
    .max(100)
    .default(0.1),
  prefix: z.enum(['random', 'all']).default('random'),
  multipliers: z.enum(['per-depth', 'shared']).default('per-depth'),
  multiplierUpdate: z.enum(['ascent', 'descent-as-released']).default('ascent'),
  passes: z.enum(['shared', 'separate-as-released']).default('shared'),
  penalty: z.enum(['log-probability', 'probability']).default('log-probability'),
  penaliseClass: z.boolean().default(true),
  clampLogits: z.boolean().default(false),
  multiplierMax: z.number().positive().default(200),
  /** Depths that have learned enough are drawn less often. */
  balanceDepths: z.boolean().default(false),
});

const lookaheadSchema = z.strictObject({
  base: z.enum(['adam', 'centred-rmsprop']).default('adam'),
  beta1: z.number().min(0).max(0.9999).default(0.9),
  beta2: z.number().min(0).max(0.99999).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Steps from one meeting of fast and slow weights to the next; 0 leaves Lookahead out. */
  every: z.int().min(0).default(6),
  slowStep: z.number().positive().max(1).default(0.5),
  slowStart: z.enum(['at-first-sync', 'at-start']).default('at-first-sync'),
});

/** Of masks on test images, by all gates. */
export const maskScoresSchema = z.strictObject({
  images: z.int(),
  /** Mean KL from the whole to the masked image's answer, in nats; of the mask as it is, and cut at one half. */
  divergence: z.number(),
  divergenceOfCut: z.number(),
  /** Mean of the mask, and its share of values outside [0.05, 0.95]. */
  kept: z.number(),
  binary: z.number(),
  /** Share of images whose predicted class stays. */
  agreement: z.number(),
});

export const trainDiffmaskStage = defineStage({
  kind: 'train-diffmask',
  description: 'Train gates that say which patches a frozen vision transformer needs for its answers.',
  params: z.strictObject({
    train: trainDataSchema.prefault({}),
    test: testDataSchema.prefault({}),
    steps: z.int().min(1).max(10_000_000).default(2000),
    batchSize: z.int().min(1).max(8192).default(16),
    gates: gateSettingsSchema.prefault({}),
    /** Where masks start: `add` for every gate, the paper's beta, or found so that the first masks keep this share. */
    start: z
      .union([z.strictObject({ add: z.number() }), z.strictObject({ meanMask: z.number().gt(0).lt(1) })])
      .default({ add: 8 }),
    multiplierStart: z.number().nonnegative().default(20),
    /**
     * Which gates come out: of the steps at which masks are scored, those that keep least within the tolerance on training
     * images (the last, where none are), or the last in any case.
     */
    select: z.enum(['within-tolerance', 'last']).default('within-tolerance'),
    rates: z
      .strictObject({
        gates: z.number().positive().max(10).default(2e-5),
        placeholder: z.number().positive().max(10).default(1e-3),
        multiplier: z.number().positive().max(100).default(0.3),
        warmupSteps: z.int().nonnegative().default(1200),
      })
      .prefault({}),
    optimizer: lookaheadSchema.prefault({}),
    checkpoint: checkpointPolicySchema.prefault({}),
  }),
  inputs: {
    model: {
      type: 'model',
      arity: 'one',
      required: true,
      description: 'The model to explain; it stays as it is.',
    },
    init: {
      type: 'gates',
      arity: 'one',
      required: false,
      description: 'Gates to start from instead of random ones.',
    },
  },
  outputs: {
    gates: { type: 'gates', description: 'Gates and placeholder, with the settings they were trained with.' },
    history: { type: 'history', description: 'Divergence, penalty, multiplier and masks by step.' },
  },
  summary: z.strictObject({
    steps: z.int(),
    /** The step whose gates came out. */
    selectedStep: z.int(),
    parameters: z.int(),
    /** Whether the mean divergence on the test images is within the tolerance. */
    toleranceMet: z.boolean(),
    ...maskScoresSchema.shape,
  }),
});
