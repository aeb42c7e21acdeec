import type { PackagedArchitecture, VitSpec } from '@vitrine/contracts';
import { checkShapes, importWeights } from '@vitrine/ml-nn';
import { decodeSafetensors, sizeOfShape, type StateDict } from '@vitrine/ml-tensor';
import { IMPORTED_WEIGHTS, readImported } from './import-source.js';
import { encodeModel, encodePackaged } from './model-artifact.js';
import type { Stage } from './stage-context.js';

/** Own weights, by timm's or Hugging Face's names, as a model artifact. */
export const importModelStage: Stage<'import-model'> = async (context) => {
  const { model, architecture } = context.params;
  const { bytes, source, sha256: sourceSha256 } = await readImported(context, IMPORTED_WEIGHTS);
  const { state } = decodeSafetensors(bytes);
  const { weights, file } = architecture ? await ofPackage(architecture, state) : ofVit(model, state);
  const ref = await context.artifacts.put('model', file);
  const parameters = Object.values(weights).reduce((sum, { shape }) => sum + sizeOfShape(shape), 0);
  context.log('info', `imported ${parameters} weights from ${source}`);
  return { outputs: { model: ref }, summary: { parameters, weightsSha256: ref.sha256, sourceSha256 } };
};

interface Imported {
  readonly weights: StateDict;
  readonly file: Uint8Array;
}

function ofVit(spec: VitSpec, state: StateDict): Imported {
  const weights = importWeights(spec, state);
  return { weights, file: encodeModel({ spec, weights }) };
}

async function ofPackage(architecture: PackagedArchitecture, state: StateDict): Promise<Imported> {
  const { packagedModel } = await import('./package/packaged-model.js');
  const { shapes } = await packagedModel(architecture);
  const weights = checkShapes(shapes, state);
  return { weights, file: encodePackaged({ architecture, weights }) };
}
