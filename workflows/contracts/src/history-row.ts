import { z } from 'zod';
import { datasetNameSchema } from './dataset-spec.js';
import { denoiserSpecSchema } from './denoiser-spec.js';
import { runIdSchema, seedSchema, slugSchema, stageNameSchema } from './ids.js';
import { vitSpecSchema } from './model-spec.js';
import { numericsProfileSchema } from './numerics-profile.js';
import { artifactRefSchema, sha256Schema } from './artifact-ref.js';
import { conditionSchema } from './stages/evaluate.js';
import { maskScoresSchema } from './stages/train-diffmask.js';

const dataFactsSchema = z.strictObject({
  name: datasetNameSchema,
  images: z.int(),
  /** Digest over labels and pixels in order. */
  sha256: sha256Schema,
});

/** Where a history comes from: all that is needed to make it again. */
export const provenanceSchema = z.strictObject({
  event: z.literal('stage'),
  project: slugSchema,
  runId: runIdSchema,
  stage: stageNameSchema,
  kind: z.string(),
  seed: seedSchema,
  codeVersion: z.string(),
  profile: numericsProfileSchema,
  model: z.union([vitSpecSchema, denoiserSpecSchema]),
  /** Number of weights. */
  parameters: z.int(),
  train: dataFactsSchema,
  test: dataFactsSchema,
  /** The kind's own parameters, as checked. */
  params: z.record(z.string(), z.unknown()),
});

/** One line of a `history` artifact: the first says where it comes from, the others what happened, in order. */
export const historyRowSchema = z.discriminatedUnion('event', [
  provenanceSchema,
  /** After an optimizer step; `step` counts those done, `epoch` passes over the training images. */
  z.strictObject({
    event: z.literal('step'),
    step: z.int(),
    epoch: z.number(),
    /** In finetuning: cross-entropy on clean plus that on noisy embeddings. */
    loss: z.number(),
    learningRate: z.number(),
    gradientNorm: z.number(),
  }),
  /** An optimizer step left out, because the gradient of its scaled loss overflowed; the scale is that of the next one. */
  z.strictObject({ event: z.literal('dropped'), step: z.int(), epoch: z.number(), lossScale: z.number() }),
  /** Accuracy on the test images by the weights after `step` steps. */
  z.strictObject({
    event: z.literal('evaluation'),
    step: z.int(),
    epoch: z.number(),
    accuracy: z.number(),
    images: z.int(),
  }),
  /** Accuracy under one condition by the weights after `step` steps, of a finetuning that is watched. */
  z.strictObject({
    event: z.literal('robustness'),
    step: z.int(),
    condition: conditionSchema,
    accuracy: z.number(),
    images: z.int(),
  }),
  /** Mean squared error of a denoiser's predicted noise on test images, by the running mean of its weights. */
  z.strictObject({
    event: z.literal('denoising'),
    step: z.int(),
    epoch: z.number(),
    loss: z.number(),
    images: z.int(),
  }),
  /** A grid of images that a denoiser made up. */
  z.strictObject({
    event: z.literal('samples'),
    step: z.int(),
    sampler: z.string(),
    picture: artifactRefSchema,
  }),
  /** After a step of a noise synthesis; distances of the noise before the update, norm after it. */
  z.strictObject({
    event: z.literal('synthesis'),
    round: z.int(),
    step: z.int(),
    mseProbs: z.number(),
    mseLogits: z.number(),
    /** What is descended. */
    loss: z.number(),
    /** What was compared with the tolerance; null when nothing was. */
    tested: z.number().nullable(),
    norm: z.number(),
    converged: z.boolean(),
  }),
  /** After a step of gate training: means over its batch, with the multiplier that it used. */
  z.strictObject({
    event: z.literal('gates'),
    step: z.int(),
    loss: z.number(),
    divergence: z.number(),
    penalty: z.number(),
    kept: z.number(),
    agreement: z.number(),
    multiplier: z.number(),
    depth: z.int(),
  }),
  /** Masks of the test images by the gates after `step` steps. */
  z.strictObject({ event: z.literal('masks'), step: z.int(), ...maskScoresSchema.shape }),
  /** A noise is ready for its round of finetuning. */
  z.strictObject({
    event: z.literal('round'),
    round: z.int(),
    synthesisSteps: z.int(),
    converged: z.boolean(),
    normAtStart: z.number(),
    norm: z.number(),
    mseProbs: z.number(),
  }),
]);

export type Provenance = z.infer<typeof provenanceSchema>;
export type HistoryRow = z.infer<typeof historyRowSchema>;
