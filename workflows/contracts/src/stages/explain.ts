import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { defineStage } from './define.js';

/** Explanations that need the model alone. Gates given as inputs are explained under their labels beside them. */
export const explanationMethodSchema = z.enum([
  'rawAttention',
  'rollout',
  'gradCam',
  'gradientAttention',
  'transformerLrp',
  'integratedGradients',
  'rise',
]);

const areas = {
  /** Probability of the predicted class while patches are hidden, most important first; lower is better. */
  positive: z.number(),
  /** Least important first; higher is better. */
  negative: z.number(),
};

/** Areas under the curves of one method, means over images. */
export const explanationScoresSchema = z.strictObject({
  method: z.string(),
  /** The table of Vision DiffMask by the procedure of its code: 29 points, unnormalised, −log p beside p. */
  released: z.strictObject({ ...areas, positiveSurprise: z.number(), negativeSurprise: z.number() }),
  /** Patch by patch with ties at random, areas in [0, 1], noise in hidden patches. */
  normalised: z.strictObject(areas),
  /** Likewise with the mean in hidden patches: deletion, and insertion read from its end. */
  deletion: z.number(),
  insertion: z.number(),
});

export const explainStage = defineStage({
  kind: 'explain',
  description:
    'Say which patches the answers of a vision transformer rest on, by many methods, and score the methods.',
  params: z.strictObject({
    test: testDataSchema.prefault({}),
    batchSize: z.int().min(1).max(1024).default(16),
    methods: z.array(explanationMethodSchema).default([...explanationMethodSchema.options]),
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
    /** The first so many images are scored by curves. */
    curveImages: z.int().min(1).max(100_000).default(50),
    /** The first so many images are kept as examples. */
    examples: z.int().min(1).max(200).default(10),
  }),
  inputs: {
    model: { type: 'model', arity: 'one', required: true, description: 'The model to explain.' },
    gates: { type: 'gates', arity: 'many', required: false, description: 'Trained gates, by label.' },
  },
  outputs: {
    explanations: {
      type: 'explanations',
      description: 'Maps [images, N] of each method, example images, scores.',
    },
  },
  summary: z.strictObject({ images: z.int(), scores: z.array(explanationScoresSchema) }),
});
