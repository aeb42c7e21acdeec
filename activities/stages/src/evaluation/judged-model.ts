import type { ArtifactStore } from '@vitrine/artifact-store';
import type { ArtifactRef, ModelFacts } from '@vitrine/contracts';
import { vitClassifier, type Classifier } from '@vitrine/ml-attacks';
import type { Parameters, Specs, StateDict } from '@vitrine/ml-tensor';
import { parameterSpecs } from '@vitrine/ml-training';
import { decodeModel, decodePackaged } from '../model-artifact.js';

/** A model that is asked for logits and for their gradient by the pixels, whatever it is made of. */
export interface JudgedModel {
  readonly facts: ModelFacts;
  readonly weights: StateDict;
  readonly specs: Specs;
  readonly classifier: (weights: Parameters) => Classifier;
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
  const { spec: config, weights } = decodeModel(bytes, ref.uri);
  const classifier = (params: Parameters): Classifier => vitClassifier({ config, params });
  return { facts: config, weights, specs: parameterSpecs(config), classifier };
}
