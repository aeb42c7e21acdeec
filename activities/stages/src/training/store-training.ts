import type { ArtifactRef, StageSummary, VitSpec } from '@vitrine/contracts';
import { encodeModel } from '../model-artifact.js';
import type { StageContext } from '../stage-context.js';
import type { History } from './history.js';
import type { Learner } from './learner.js';

export interface TrainingProduct {
  readonly outputs: { readonly model: ArtifactRef; readonly history: ArtifactRef };
  readonly summary: StageSummary<'train'>;
}

/** Stores what training ends with: the weights, and how they came about. */
export async function storeTraining(
  { artifacts }: StageContext<'train' | 'augmented-finetune'>,
  result: { readonly spec: VitSpec; readonly learner: Learner; readonly history: History },
): Promise<TrainingProduct> {
  const { spec, learner, history } = result;
  const model = await artifacts.put('model', encodeModel({ spec, weights: learner.weights() }));
  const stored = await artifacts.put('history', new TextEncoder().encode(history.toText()));
  return {
    outputs: { model, history: stored },
    summary: {
      steps: learner.step,
      finalLoss: history.last('step')?.loss ?? NaN,
      testAccuracy: history.last('evaluation')?.accuracy ?? NaN,
      parameters: history.last('stage')?.parameters ?? NaN,
      weightsSha256: model.sha256,
    },
  };
}
