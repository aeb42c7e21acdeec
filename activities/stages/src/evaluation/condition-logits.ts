import type { Condition, ModelFacts } from '@vitrine/contracts';
import { fgsm, gaussianNoise, pgdSteps, type AttackedModel, type HostBatch } from '@vitrine/ml-attacks';
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

/** Logits of one batch under one condition; `onStep` after every step of an attack that takes many. */
export async function conditionLogits(
  { model, config, condition }: Judged,
  batch: ConditionBatch,
  onStep: (metrics: Record<string, number>) => Promise<void>,
): Promise<Float32Array> {
  let attackStep = 0;
  const pixels =
    condition.kind === 'pgd'
      ? await stepwise(pgdSteps(model, batch, { ...condition, ...batch }), () =>
          onStep({ attackStep: (attackStep += 1) }),
        )
      : treatAtOnce({ model, config, condition }, batch);
  return model.run('predict', { pixels })['logits']?.data as Float32Array;
}

/** The pixels as the condition presents them. */
function treatAtOnce(
  { model, config, condition }: Judged & { readonly condition: Exclude<Condition, { kind: 'pgd' }> },
  batch: ConditionBatch,
): Float32Array {
  switch (condition.kind) {
    case 'clean':
      return batch.pixels;
    case 'gaussian':
      return gaussianNoise(batch.pixels, { ...batch, images: batch.labels.length, sigma: condition.sigma });
    case 'fgsm':
      return fgsm(model, batch, condition);
    case 'corruption':
      return corruptPixels(batch, condition, config);
  }
}
