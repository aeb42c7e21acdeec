import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VitrineError } from '@vitrine/contracts';
import type { StageContext } from './stage-context.js';

export interface ImportedFile {
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly sha256: string;
}

/**
 * The file that an importing stage is given, as an input or by its path.
 * @throws VitrineError InvalidSpec when that is not clear, NotFound, ArtifactCorrupt for another digest than was asked for
 */
export async function readImported(
  context: StageContext<'import-model' | 'import-denoiser'>,
): Promise<ImportedFile> {
  const { sha256: wanted } = context.params;
  const { bytes, source } = await readWeights(context);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (wanted === undefined || wanted === sha256) return { bytes, source, sha256 };
  throw new VitrineError('ArtifactCorrupt', 'The weights are not the ones that were asked for.', {
    where: source,
    expected: `sha256 ${wanted}`,
    actual: `sha256 ${sha256}`,
    hint: 'Name the digest of this file, or the file with this digest.',
  });
}

async function readWeights({
  params,
  inputs,
  artifacts,
}: StageContext<'import-model' | 'import-denoiser'>): Promise<{ bytes: Uint8Array; source: string }> {
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
