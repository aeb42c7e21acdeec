import { VitrineError, type Condition, type ModelFacts } from '@vitrine/contracts';
import {
  carliniWagnerSteps,
  deepFoolSteps,
  FEWEST_FOR_RATIO,
  fgsm,
  gaussianNoise,
  pgdSteps,
  standardAttackSteps,
  type AttackedModel,
  type HostBatch,
} from '@vitrine/ml-attacks';
import { stepwise } from '../stepwise.js';
import { corruptPixels } from './corruptions.js';

export interface ConditionBatch extends HostBatch {
  readonly seed: number;
  /** Number of the first image within the data set. */
  readonly index: number;
}

export interface Judged {
  readonly model: AttackedModel;
  readonly config: ModelFacts;
  readonly condition: Condition;
}

export interface Answers {
  /** [B, K]. */
  readonly logits: Float32Array;
  /** What they are the answer to: B × C × S × S. */
  readonly pixels: Float32Array;
}

/** What the model says to one batch under one condition; `onStep` after every step of an attack that takes many. */
export async function conditionLogits(
  judged: Judged,
  batch: ConditionBatch,
  onStep: (metrics: Record<string, number>) => Promise<void>,
): Promise<Answers> {
  let attackStep = 0;
  const pixels = await treated(judged, batch, () => onStep({ attackStep: (attackStep += 1) }));
  return { logits: judged.model.run('predict', { pixels })['logits']?.data as Float32Array, pixels };
}

/** The pixels as the condition presents them. */
async function treated(
  { model, config, condition }: Judged,
  batch: ConditionBatch,
  onStep: () => Promise<void>,
): Promise<Float32Array> {
  switch (condition.kind) {
    case 'clean':
      return batch.pixels;
    case 'gaussian':
      return gaussianNoise(batch.pixels, { ...batch, images: batch.labels.length, sigma: condition.sigma });
    case 'corruption':
      return corruptPixels(batch, condition, config);
    case 'fgsm':
      return fgsm(model, batch, condition);
    case 'pgd':
      return stepwise(pgdSteps(model, batch, { ...condition, ...batch }), onStep);
    case 'deepfool':
      return stepwise(deepFoolSteps(model, batch, condition), onStep);
    case 'carlini-wagner':
      return stepwise(carliniWagnerSteps(model, batch, condition), onStep);
    case 'autoattack': {
      checkClasses(condition, config);
      const { channels, imageSize: size } = config;
      return stepwise(standardAttackSteps(model, batch, { ...batch, ...condition, channels, size }), onStep);
    }
  }
}

/** @throws VitrineError InvalidSpec when a loss of the attack wants more classes than there are */
function checkClasses(
  { attacks }: Extract<Condition, { kind: 'autoattack' }>,
  { classes }: Pick<ModelFacts, 'classes'>,
): void {
  if (!attacks.includes('apgd-t') || classes >= FEWEST_FOR_RATIO) return;
  throw new VitrineError('InvalidSpec', 'The model has too few classes for this attack.', {
    where: 'params.conditions, autoattack',
    expected: `at least ${FEWEST_FOR_RATIO} classes for apgd-t`,
    actual: `${classes}`,
    hint: 'Name the other attacks in `attacks`.',
  });
}
