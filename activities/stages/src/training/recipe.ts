import type { StageParams, VitSpec } from '@vitrine/contracts';

type Params = StageParams<'augmented-finetune'>;

/** Of ImageNet's training images, as timm and torchvision have them. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** What the released code gives its noise: AdamW's own default. */
const RELEASED_NOISE_DECAY = 0.01;

/** The parameters with what the recipe decides written into them. */
export function withRecipe(params: Params): Params & { synthesis: { weightDecay: number } } {
  const released = params.recipe === 'as-released';
  const { weightDecay = released ? RELEASED_NOISE_DECAY : 0 } = params.synthesis;
  return {
    ...params,
    // The released code counts its batches from 0 to the last inclusive.
    stepsPerRound: params.stepsPerRound + (released ? 1 : 0),
    synthesis: { ...params.synthesis, weightDecay },
  };
}

/** The model as the recipe normalises its pixels. */
export const normalisedAs = (recipe: Params['recipe'], spec: VitSpec): VitSpec =>
  recipe === 'as-released' && spec.channels === IMAGENET.mean.length ? { ...spec, ...IMAGENET } : spec;
