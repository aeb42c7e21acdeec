import { importUnet } from '@vitrine/ml-nn';
import { decodeSafetensors, sizeOfShape } from '@vitrine/ml-tensor';
import { encodeDenoiser } from './denoiser-artifact.js';
import { IMPORTED_WEIGHTS, readImported } from './import-source.js';
import type { Stage } from './stage-context.js';

/** Own weights of a U-Net, by the names of improved-diffusion and guided-diffusion, as a denoiser artifact. */
export const importDenoiserStage: Stage<'import-denoiser'> = async (context) => {
  const { model } = context.params;
  const { bytes, source, sha256: sourceSha256 } = await readImported(context, IMPORTED_WEIGHTS);
  const weights = importUnet(model, decodeSafetensors(bytes).state);
  const ref = await context.artifacts.put('denoiser', encodeDenoiser({ spec: model, weights }));
  const parameters = Object.values(weights).reduce((sum, { shape }) => sum + sizeOfShape(shape), 0);
  context.log('info', `imported ${parameters} weights from ${source}`);
  return { outputs: { denoiser: ref }, summary: { parameters, weightsSha256: ref.sha256, sourceSha256 } };
};
