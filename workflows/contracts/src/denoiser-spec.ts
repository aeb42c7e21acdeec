import { z } from 'zod';

/** Which noise each step of the diffusion holds; data in [−1, 1]. */
export const diffusionSpecSchema = z.strictObject({
  schedule: z.enum(['linear', 'cosine']).default('linear'),
  steps: z.int().min(2).max(10_000).default(1000),
  /** The model is shown t · 1000 / steps. */
  rescaleTime: z.boolean().default(false),
});

/**
 * A denoising U-Net in the terms of improved-diffusion and guided-diffusion, whose weights fit by name. Lengths in pixels or
 * channels.
 */
export const denoiserSpecSchema = z
  .strictObject({
    family: z.literal('unet').default('unet'),
    imageSize: z.int().min(4).max(1024).default(32),
    channels: z.int().min(1).max(4).default(3),
    width: z.int().min(4).max(1024).default(32),
    /** Channels of each level in widths; every level has half the side of the one before. */
    multipliers: z.array(z.int().min(1).max(16)).min(1).max(8).default([1, 2, 2]),
    /** Residual blocks of a level. */
    blocks: z.int().min(1).max(8).default(1),
    /** Sides at which residual blocks are followed by attention. */
    attentionSizes: z.array(z.int().min(1)).default([8]),
    heads: z.int().min(1).max(64).default(1),
    /** Channels of a head instead of the number of heads; 0 for none. */
    headWidth: z.int().min(0).max(1024).default(0),
    /** Of group normalisation. */
    groups: z.int().min(1).max(64).default(32),
    scaleShift: z.boolean().default(true),
    /** Residual blocks change the size, instead of convolutions (guided-diffusion's `resblock_updown`). */
    resampleBlocks: z.boolean().default(false),
    learnedVariance: z.boolean().default(false),
    /** Classes that the denoiser is told in training; 0 for none. */
    classes: z.int().min(0).max(100_000).default(0),
    diffusion: diffusionSpecSchema.prefault({}),
  })
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const halvings = 2 ** (spec.multipliers.length - 1);
    if (spec.imageSize % halvings !== 0)
      refuse(
        'imageSize',
        `expected a multiple of ${halvings} for ${spec.multipliers.length} levels, got ${spec.imageSize}`,
      );
    for (const multiplier of spec.multipliers) {
      const channels = multiplier * spec.width;
      if (channels % spec.groups !== 0)
        refuse('groups', `expected a divisor of ${channels} channels, got ${spec.groups}`);
      const heads = spec.headWidth > 0 ? spec.headWidth : spec.heads;
      if (channels % heads !== 0)
        refuse(
          spec.headWidth > 0 ? 'headWidth' : 'heads',
          `expected a divisor of ${channels} channels, got ${heads}`,
        );
    }
    if (spec.width % 2 !== 0) refuse('width', `expected an even number, got ${spec.width}`);
  });

export type DenoiserSpec = z.infer<typeof denoiserSpecSchema>;
