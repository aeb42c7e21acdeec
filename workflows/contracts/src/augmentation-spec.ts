import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** Changes of training images after crop and flip. What is absent or of probability 0 is not done. */
const augmentationPartsSchema = z.strictObject({
  /** Cubuk et al., NeurIPS 2020; timm's operations `inc1`. */
  randAugment: z
    .strictObject({
      layers: z.int().min(1).max(15).default(2),
      /** 10 is the strongest that is named. */
      magnitude: z.number().min(0).max(30).default(9),
      magnitudeDeviation: z.number().min(0).max(30).default(0.5),
      largestMagnitude: z.number().positive().max(30).default(10),
      probability: probability.default(0.5),
    })
    .optional(),
  /** Random erasing: Zhong et al., AAAI 2020. */
  erasing: z
    .strictObject({
      probability: probability.default(0.25),
      minArea: probability.default(0.02),
      maxArea: probability.default(1 / 3),
      minAspect: z.number().positive().max(1).default(0.3),
      /** `pixel`: noise of the data's mean and deviation; `const`: the mean. */
      mode: z.enum(['pixel', 'const']).default('pixel'),
    })
    .optional(),
  /** Mixup (Zhang et al., ICLR 2018) and CutMix (Yun et al., ICCV 2019), one share a batch. */
  mixing: z
    .strictObject({
      /** α of mixup; 0 switches it off. */
      mixup: z.number().min(0).max(10).default(0.8),
      /** α of CutMix; 0 switches it off. */
      cutmix: z.number().min(0).max(10).default(1),
      probability: probability.default(1),
      /** Of CutMix, where both are on. */
      switchProbability: probability.default(0.5),
    })
    .optional(),
});

/**
 * By name or in parts. `none`; `nullspace-as-released`: RandAugment m9, random erasing, mixup and CutMix, as the released code of
 * nullspace-augmented finetuning; `augreg-medium` and `augreg-strong`: RandAugment (2, 15) and (2, 20) with mixup 0.5 and 0.8
 * (Steiner et al., "How to Train Your ViT?", TMLR 2022).
 */
export const augmentationSchema = z.union([
  z.enum(['none', 'nullspace-as-released', 'augreg-medium', 'augreg-strong']),
  augmentationPartsSchema,
]);

export type AugmentationParts = z.infer<typeof augmentationPartsSchema>;
export type AugmentationSpec = z.infer<typeof augmentationSchema>;

const augReg = (magnitude: number, mixup: number): z.input<typeof augmentationPartsSchema> => ({
  randAugment: { magnitude, magnitudeDeviation: 0, largestMagnitude: 30, probability: 1 },
  mixing: { mixup, cutmix: 0 },
});

/** The parts that a name stands for. */
export function augmentationParts(spec: AugmentationSpec): AugmentationParts {
  if (typeof spec !== 'string') return spec;
  return augmentationPartsSchema.parse(
    {
      none: {},
      'nullspace-as-released': { randAugment: {}, erasing: {}, mixing: {} },
      'augreg-medium': augReg(15, 0.5),
      'augreg-strong': augReg(20, 0.8),
    }[spec],
  );
}
