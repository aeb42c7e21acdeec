import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VitrineError } from '@vitrine/contracts';
import { importWeights } from '@vitrine/ml-nn';
import { decodeSafetensors, sizeOfShape } from '@vitrine/ml-tensor';
import { encodeModel } from './model-artifact.js';
import type { Stage, StageContext } from './stage-context.js';

/** Own weights, by timm's or Hugging Face's names, as a model artifact. */
export const importModelStage: Stage<'import-model'> = async (context) => {
  const { sha256, model } = context.params;
  const { bytes, source } = await readWeights(context);
  const sourceSha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined && sha256 !== sourceSha256)
    throw new VitrineError('ArtifactCorrupt', 'The weights are not the ones that were asked for.', {
      where: source,
      expected: `sha256 ${sha256}`,
      actual: `sha256 ${sourceSha256}`,
      hint: 'Name the digest of this file, or the file with this digest.',
    });
  const weights = importWeights(model, decodeSafetensors(bytes).state);
  const ref = await context.artifacts.put('model', encodeModel({ spec: model, weights }));
  const parameters = Object.values(weights).reduce((sum, { shape }) => sum + sizeOfShape(shape), 0);
  context.log('info', `imported ${parameters} weights from ${source}`);
  return { outputs: { model: ref }, summary: { parameters, weightsSha256: ref.sha256, sourceSha256 } };
};

async function readWeights({
  params,
  inputs,
  artifacts,
}: StageContext<'import-model'>): Promise<{ bytes: Uint8Array; source: string }> {
  const { source } = params;
  const { weights } = inputs;
  if (weights !== undefined && source === undefined)
    return { bytes: await artifacts.get(weights), source: weights.uri };
  if (source !== undefined && weights === undefined) return { bytes: await readSource(source), source };
  throw new VitrineError('InvalidSpec', 'It is not clear which weights to import.', {
    where: 'params.source, inputs.weights',
    expected: 'one of the two',
    actual: source === undefined ? 'neither' : 'both',
  });
}

async function readSource(source: string): Promise<Uint8Array> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source))
    throw new VitrineError('InvalidSpec', 'Weights are imported from files only.', {
      where: 'params.source',
      expected: "the path of a safetensors file on the worker's machine",
      actual: source,
      hint: 'Download the object to the machine of the worker and name its path.',
    });
  try {
    return await readFile(source);
  } catch (cause) {
    throw new VitrineError('NotFound', 'The weights cannot be read.', {
      where: 'params.source',
      expected: "a safetensors file on the worker's machine",
      actual: cause instanceof Error ? cause.message : String(cause),
      hint: 'Give an absolute path that exists on every worker of the pool.',
      cause,
    });
  }
}
