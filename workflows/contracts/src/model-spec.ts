import { z } from 'zod';
import { sha256Schema } from './artifact-ref.js';
import { packagedNameSchema } from './packaged-name.js';

/** Architecture of a ViT in timm's terms. Lengths in pixels or channels; N = (imageSize / patchSize)² tokens plus the class token. */
export const vitSpecSchema = z
  .strictObject({
    family: z.literal('vit').default('vit'),
    imageSize: z.int().min(4).max(1024).default(32),
    patchSize: z.int().min(1).max(128).default(8),
    channels: z.int().min(1).max(4).default(3),
    width: z.int().min(8).max(4096).default(96),
    depth: z.int().min(1).max(64).default(6),
    heads: z.int().min(1).max(64).default(3),
    mlpRatio: z.number().positive().max(16).default(4),
    classes: z.int().min(2).max(100_000).default(10),
    /** Pixel statistics of the training set, per channel, of pixels in [0, 1]. Normalisation is part of the model. */
    mean: z.array(z.number()).default([0.4914, 0.4822, 0.4465]),
    std: z.array(z.number().positive()).default([0.247, 0.2435, 0.2616]),
  })
  .superRefine((spec, context) => {
    if (spec.imageSize % spec.patchSize !== 0)
      context.addIssue({
        code: 'custom',
        path: ['patchSize'],
        message: `expected a divisor of imageSize ${spec.imageSize}, got ${spec.patchSize}`,
      });
    if (spec.width % spec.heads !== 0)
      context.addIssue({
        code: 'custom',
        path: ['heads'],
        message: `expected a divisor of width ${spec.width}, got ${spec.heads}`,
      });
    for (const field of ['mean', 'std'] as const)
      if (spec[field].length !== spec.channels)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: `expected ${spec.channels} numbers, one per channel, got ${spec[field].length}`,
        });
  });

export type VitSpec = z.infer<typeof vitSpecSchema>;

/** What of a model decides which images it takes, and how many classes it tells apart. */
export const modelFactsSchema = z.strictObject({
  imageSize: z.int().min(1).max(4096),
  channels: z.int().min(1).max(4),
  classes: z.int().min(2).max(100_000),
});
export type ModelFacts = z.infer<typeof modelFactsSchema>;

/** An architecture that an npm package brings. */
export const packagedArchitectureSchema = z.strictObject({
  uses: packagedNameSchema,
  /** Its own parameters, checked by the package's own schema. */
  with: z.record(z.string(), z.unknown()).default({}),
  /** Written by the API when the run is submitted; `sha256` is the digest of the package's files: a worker with others refuses. */
  resolved: modelFactsSchema.extend({ sha256: sha256Schema }).optional(),
});
export type PackagedArchitecture = z.infer<typeof packagedArchitectureSchema>;
