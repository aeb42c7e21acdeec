import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { defineStage } from './define.js';
import { maskScoresSchema } from './train-diffmask.js';

/** Explanations that need the model alone. Gates given as inputs are explained under their labels beside them. */
export const explanationMethodSchema = z.enum([
  'rawAttention',
  'rollout',
  'gradCam',
  'gradientAttention',
  'transformerLrp',
  'integratedGradients',
  'rise',
  'smoothedAttention',
]);

/** Attention under noise is asked for by name: what it shows depends on sigma, and wants a denoiser. */
const defaultMethods = explanationMethodSchema.options.filter((method) => method !== 'smoothedAttention');

const areas = {
  /** Probability of the predicted class while patches are hidden, most important first; lower is better. */
  positive: z.number(),
  /** Least important first; higher is better. */
  negative: z.number(),
};

/** A method against the patches that are known to matter. Either side counts where the outside says as much. */
export const regionScoresSchema = z.strictObject({
  images: z.int(),
  /** Share of images whose largest value is inside. */
  pointing: z.number(),
  /** Of the map cut at its mean: patches on the right side, and intersection over union. */
  accuracy: z.number(),
  iou: z.number(),
  /** Area under the ROC curve of the map's values. */
  auc: z.number(),
  /** Share of images whose map above one half is the region, patch by patch. */
  exactMatch: z.number(),
});

/** Areas under the curves of one method, means over images. */
export const curveAreasSchema = z.strictObject({
  /** The table of Vision DiffMask by the procedure of its code: 29 points, unnormalised, −log p beside p. */
  released: z.strictObject({ ...areas, positiveSurprise: z.number(), negativeSurprise: z.number() }),
  /** By whole patches with ties at random, areas in [0, 1], noise in hidden patches. */
  normalised: z.strictObject(areas),
  /** Likewise with the mean in hidden patches: deletion, and insertion read from its end. */
  deletion: z.number(),
  insertion: z.number(),
  /** Mean KL in nats over all kept shares, least important patches hidden first. */
  divergence: z.number(),
});

/** What is found out about one method. */
export const explanationScoresSchema = z.strictObject({
  method: z.string(),
  /** Where images were scored by curves. */
  curves: curveAreasSchema.optional(),
  /** Mean rank correlation with the maps of the same model with random weights; 1 says nothing about what was learned. */
  randomised: z.number().optional(),
  region: regionScoresSchema.optional(),
  /** Of gates: their masks with the placeholder that they learned. */
  masks: maskScoresSchema.optional(),
});

/** How alike the maps of two methods are, or of two seeds of one: means over the images. */
export const explanationAgreementSchema = z.strictObject({
  methods: z.tuple([z.string(), z.string()]),
  rankCorrelation: z.number(),
  /** Intersection over union of what lies above the mean of each map. */
  overlap: z.number(),
});

export const explainStage = defineStage({
  kind: 'explain',
  description:
    'Say which patches the answers of a vision transformer rest on, by many methods, and score the methods.',
  params: z.strictObject({
    test: testDataSchema.prefault({}),
    batchSize: z.int().min(1).max(1024).default(16),
    methods: z.array(explanationMethodSchema).default(defaultMethods),
    /** Share of small attention weights that rollout discards. */
    rolloutDiscard: z.number().min(0).max(0.99).default(0.9),
    integratedGradientSteps: z.int().min(1).max(10_000).default(32),
    rise: z
      .strictObject({
        masks: z.int().min(1).max(100_000).default(500),
        cells: z.int().min(1).max(64).default(4),
        shown: z.number().gt(0).lt(1).default(0.5),
      })
      .prefault({}),
    /** Of attention under noise, behind the denoiser where one is given. */
    smoothing: z
      .strictObject({
        /** Standard deviation, for pixels in [0, 1]. */
        sigma: z.number().positive().max(100).default(0.25),
        draws: z.int().min(1).max(100_000).default(50),
        denoising: z.enum(['one-shot', 'multi-step']).default('one-shot'),
      })
      .prefault({}),
    /** The first so many images are scored by curves; none with 0. */
    curveImages: z.int().min(0).max(100_000).default(50),
    /** Whole patches are hidden in at most so many equal shares; the released procedure always has 28. */
    curveShares: z.int().min(1).max(10_000).default(28),
    /** The first so many images are explained with random weights as well; none with 0. */
    sanityImages: z.int().min(0).max(100_000).default(20),
    /** The first so many images are kept as examples, and as pictures. */
    examples: z.int().min(1).max(200).default(10),
    checkpoint: z
      .strictObject({
        /** Steps are batches that a method explains and images that it is scored by. */
        everySteps: z.int().min(1).default(25),
      })
      .prefault({}),
  }),
  inputs: {
    model: { type: 'model', arity: 'one', required: true, description: 'The model to explain.' },
    gates: { type: 'gates', arity: 'many', required: false, description: 'Trained gates, by label.' },
    denoiser: {
      type: 'denoiser',
      arity: 'one',
      required: false,
      description: 'Before the model where attention is smoothed.',
    },
  },
  outputs: {
    explanations: {
      type: 'explanations',
      description: 'Maps [images, N] and curves of each method, example images, scores.',
    },
    pictures: {
      type: 'folder',
      description: 'PNG files of the examples by every method, and a page that compares the methods.',
    },
  },
  summary: z.strictObject({ images: z.int(), scores: z.array(explanationScoresSchema) }),
});
