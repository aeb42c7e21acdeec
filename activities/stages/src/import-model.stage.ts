import { importWeights } from '@vitrine/ml-nn';
import { decodeSafetensors, sizeOfShape } from '@vitrine/ml-tensor';
import { IMPORTED_WEIGHTS, readImported } from './import-source.js';
import { encodeModel } from './model-artifact.js';
import type { Stage } from './stage-context.js';

/** Own weights, by timm's or Hugging Face's names, as a model artifact. */
export const importModelStage: Stage<'import-model'> = async (context) => {
  const { model } = context.params;
  const { bytes, source, sha256: sourceSha256 } = await readImported(context, IMPORTED_WEIGHTS);
  const weights = importWeights(model, decodeSafetensors(bytes).state);
  const ref = await context.artifacts.put('model', encodeModel({ spec: model, weights }));
  const parameters = Object.values(weights).reduce((sum, { shape }) => sum + sizeOfShape(shape), 0);
  context.log('info', `imported ${parameters} weights from ${source}`);
  return { outputs: { model: ref }, summary: { parameters, weightsSha256: ref.sha256, sourceSha256 } };
};
