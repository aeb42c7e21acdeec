import type { StageParams, VitSpec } from '@vitrine/contracts';

type Params = StageParams<'augmented-finetune'>;

/** Of ImageNet's training images, as timm and torchvision have them. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The parameters with what the recipe decides of the rounds written into them. */
export function withRecipe(params: Params): Params {
  const released = params.recipe === 'as-released';
  // The released code counts its batches from 0 to the last inclusive.
  return { ...params, stepsPerRound: params.stepsPerRound + (released ? 1 : 0) };
}

/** The model as the recipe normalises its pixels. */
export const normalisedAs = (recipe: Params['recipe'], spec: VitSpec): VitSpec =>
  recipe === 'as-released' && spec.channels === IMAGENET.mean.length ? { ...spec, ...IMAGENET } : spec;
