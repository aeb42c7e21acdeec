import {
  encoderNoiseFactsSchema,
  noiseAsPixelsSchema,
  patchNullSpaceSchema,
  pixelNoiseFactsSchema,
  vitSpecSchema,
  VitrineError,
} from '@vitrine/contracts';
import { VISIBLE_NOISES } from '@vitrine/ml-nullspace';
import type { HostTensor } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeDescribed, encodeDescribed, type DescribedArrays } from './described-arrays.js';

/** What was done to the example images, in the order of the rows of `examples.logits.*`. */
export const EXAMPLE_TREATMENTS = ['clean', 'pixelNoise', 'clippedPixelNoise', 'encoderNoise'] as const;
export type ExampleTreatment = (typeof EXAMPLE_TREATMENTS)[number];

/** All that is said of the model and of pixel noise, and nothing of the encoder's noises. */
export const noiseFactsSchema = patchNullSpaceSchema.extend({
  model: vitSpecSchema,
  modelSha256: z.string(),
  mode: z.enum(['learned', 'random']),
  epsilon: z.number(),
  logBarrier: z.number(),
  singularValues: z.array(z.number()),
  pixelNorm: z.number(),
  pixelNoise: z.array(pixelNoiseFactsSchema),
  noiseAsPixels: z.array(noiseAsPixelsSchema),
  /** Ways in which the most visible noise of each example was found. */
  visible: z.array(z.enum(VISIBLE_NOISES)),
  classNames: z.array(z.string()),
});
export type NoiseFacts = z.infer<typeof noiseFactsSchema>;

const metaSchema = noiseFactsSchema.extend({ noises: z.array(encoderNoiseFactsSchema) });

/**
 * The noise artifact's arrays: `encoderNoise` [M, N, D] and its start, `pixelNoise` [C, S, S] in normalised pixels, and
 * `examples.pixels` [E, C, S, S] in [0, 1], `examples.labels` [E], `examples.logits.<treatment>` [E, K], and for each
 * visible noise `examples.visible.<name>` [E, C, S, S] in [0, 1] and `examples.logits.<name>`.
 */
export type NoiseArtifact = DescribedArrays<z.infer<typeof metaSchema>>;

const DESCRIPTION = {
  content: 'noise',
  schema: metaSchema,
  name: 'noise',
  expected: 'facts about a noise as the stage nullspace-noise writes them',
} as const;

export const encodeNoise = (artifact: NoiseArtifact): Uint8Array => encodeDescribed(DESCRIPTION, artifact);

/** @throws VitrineError ArtifactCorrupt when the bytes are no noise artifact */
export const decodeNoise = (bytes: Uint8Array, where: string): NoiseArtifact =>
  decodeDescribed(bytes, where, DESCRIPTION);

/** One array of the artifact. @throws VitrineError ArtifactCorrupt when it is not there */
export function noiseArray({ arrays }: NoiseArtifact, name: string): HostTensor {
  const array = arrays[name];
  if (array) return array;
  throw new VitrineError('ArtifactCorrupt', 'The noise artifact lacks an array.', {
    where: 'noise artifact',
    expected: name,
    actual: Object.keys(arrays).join(', '),
  });
}
