import type { ArtifactStore } from '@vitrine/artifact-store';
import type { ArtifactRef, ModelFacts } from '@vitrine/contracts';
import { attackProgram, vitClassifier, type AttackFunction, type Classifier } from '@vitrine/ml-attacks';
import type { VitConfig } from '@vitrine/ml-nn';
import type { Parameters, ProgramExecutor, RunningProgram, Specs, StateDict } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import { decodeModel, decodePackaged } from '../model-artifact.js';

/** What is asked for logits and for their gradient by the pixels, whatever it is made of. */
export interface JudgedArchitecture {
  readonly facts: ModelFacts;
  readonly specs: Specs;
  readonly classifier: (weights: Parameters) => Classifier;
}

export interface JudgedModel extends JudgedArchitecture {
  readonly weights: StateDict;
}

export const judgedVit = (config: VitConfig): JudgedArchitecture => ({
  facts: config,
  specs: parameterSpecs(config),
  classifier: (params) => vitClassifier({ config, params }),
});

/** Its program for batches of so many images, without weights yet. */
export function startAttack(
  executor: ProgramExecutor,
  { facts, specs, classifier }: JudgedArchitecture,
  images: number,
): RunningProgram<AttackFunction> {
  const { channels, imageSize } = facts;
  const pixelShape = [images, channels, imageSize, imageSize] as const;
  return executor.start(attackProgram({ weights: specs, classifier, pixelShape }));
}

/** Of ours, or of a package. @throws as `decodeModel`, `packagedModel` and the store */
export async function loadJudged(artifacts: ArtifactStore, ref: ArtifactRef): Promise<JudgedModel> {
  const bytes = await artifacts.get(ref);
  const packaged = decodePackaged(bytes, ref.uri);
  if (packaged) {
    const { packagedModel } = await import('../package/packaged-model.js');
    const { facts, shapes, classifier } = await packagedModel(packaged.architecture);
    const specs = Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'float32', shape }] as const);
    return { facts, weights: packaged.weights, specs: Object.fromEntries(specs), classifier };
  }
  const { spec, weights } = decodeModel(bytes, ref.uri);
  return { ...judgedVit(spec), weights };
}
