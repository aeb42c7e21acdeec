import { z } from 'zod';
import { testDataSchema } from '../dataset-spec.js';
import { sha256Schema } from '../artifact-ref.js';
import { defineStage } from './define.js';
import { noiseInfluenceSchema } from './nullspace-noise.js';

/** One noise of the study, as it was found. */
export const studiedNoiseSchema = z.strictObject({
  label: z.string(),
  /** Whether it was found for the model that is judged; else it is transferred. */
  own: z.boolean(),
  /** Of the artifact that holds it. */
  sha256: sha256Schema,
  mode: z.enum(['learned', 'random']),
  epsilon: z.number(),
  logBarrier: z.number(),
  normAtStart: z.number(),
  norm: z.number(),
  /** Without the mean of every token's entries, which LayerNorm takes out. */
  normSeen: z.number(),
  atOne: z.strictObject({
    noise: noiseInfluenceSchema,
    permuted: noiseInfluenceSchema,
    random: noiseInfluenceSchema,
  }),
  /**
   * A random noise shrunk until it changes probabilities as much as this one, on the same images; null when not looked for.
   * Not `reached`: even one of four times the norm changes them less.
   */
  shrunk: z.strictObject({ norm: z.number(), mseProbs: z.number(), reached: z.boolean() }).nullable(),
});

/** What is done to a noise before it is scaled. `sum` and `mean` are of the first two of the judged model. */
export const NOISE_TREATMENTS = ['noise', 'permuted', 'random', 'sum', 'mean'] as const;

/** The influence artifact. */
export const influenceSchema = z.strictObject({
  modelSha256: sha256Schema,
  dataset: z.string(),
  images: z.int(),
  noises: z.array(studiedNoiseSchema),
  points: z.array(
    z.strictObject({
      label: z.string(),
      treatment: z.enum(NOISE_TREATMENTS),
      scale: z.number(),
      norm: z.number(),
      influence: noiseInfluenceSchema,
    }),
  ),
});

export const noiseInfluenceStage = defineStage({
  kind: 'noise-influence',
  description:
    'What noises do to the outputs over a grid of scales, beside random, permuted, shrunk, summed and transferred ones.',
  params: z.strictObject({
    test: testDataSchema.prefault({}),
    scales: z
      .array(z.number().positive().max(100))
      .min(1)
      .max(100)
      .default([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]),
    /** Images a call. */
    batchSize: z.int().min(1).max(8192).default(32),
    /** Noises a call, for which the images pass once without noise. */
    noisesAtOnce: z.int().min(1).max(256).default(16),
    /** Also shrinks random noise to the influence of each noise. */
    shrink: z.boolean().default(true),
  }),
  inputs: {
    model: { type: 'model', arity: 'one', required: true, description: 'The model that is judged.' },
    noises: {
      type: 'noise',
      arity: 'many',
      required: true,
      description: 'Noises by label; those found for another model are judged as transferred.',
    },
  },
  outputs: { influence: { type: 'influence', description: 'Measures of every noise at every scale.' } },
  summary: z.strictObject({
    images: z.int(),
    noises: z.array(
      studiedNoiseSchema.pick({ label: true, own: true, norm: true, atOne: true, shrunk: true }),
    ),
  }),
});
