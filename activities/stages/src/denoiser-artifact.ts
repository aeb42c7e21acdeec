import type { ArtifactStore } from '@vitrine/artifact-store';
import { denoiserSpecSchema, VitrineError, type ArtifactRef, type DenoiserSpec } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { exportUnet, importUnet } from '@vitrine/ml-nn';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import { fromMlError } from './ml-errors.js';

/** A denoiser as stages hand it on; weights in the layouts that programs take. */
export interface DenoiserArtifact {
  readonly spec: DenoiserSpec;
  readonly weights: StateDict;
}

/** A safetensors file in improved-diffusion's names and PyTorch's layouts, architecture and diffusion in its metadata. */
export const encodeDenoiser = ({ spec, weights }: DenoiserArtifact): Uint8Array =>
  encodeSafetensors(exportUnet(weights), { format: 'pt', architecture: JSON.stringify(spec) });

/** @throws VitrineError WeightsMismatch when it names no architecture or its weights do not fit it, ArtifactCorrupt */
export function decodeDenoiser(bytes: Uint8Array, where: string): DenoiserArtifact {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    const spec = specOf(metadata['architecture'] ?? '', where);
    return { spec, weights: importUnet(spec, state) };
  } catch (error) {
    throw fromMlError(error, where);
  }
}

function specOf(text: string, where: string): DenoiserSpec {
  try {
    return denoiserSpecSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VitrineError('WeightsMismatch', 'The denoiser file does not say what architecture it holds.', {
      where: `${where}, metadata.architecture`,
      expected: 'a U-Net specification as train-denoiser and import-denoiser write it',
      actual: text === '' ? 'nothing' : text.slice(0, 200),
      hint: 'Bring own weights through a stage of kind import-denoiser.',
      cause,
    });
  }
}

/** Fetches and reads a denoiser. @throws as `decodeDenoiser` and the store */
export const loadDenoiser = async (artifacts: ArtifactStore, ref: ArtifactRef): Promise<DenoiserArtifact> =>
  decodeDenoiser(await artifacts.get(ref), ref.uri);

/** @throws VitrineError ShapeMismatch when the denoiser cannot take these images, naming the fields that differ */
export function checkDenoiserImages(
  spec: DenoiserSpec,
  images: Pick<ImageSet, 'channels' | 'size' | 'name' | 'classNames'>,
): void {
  const told = spec.classes === 0 || spec.classes === images.classNames.length;
  const wrong = [
    ...(spec.imageSize === images.size ? [] : ['imageSize']),
    ...(spec.channels === images.channels ? [] : ['channels']),
    ...(told ? [] : ['classes']),
  ];
  if (wrong.length === 0) return;
  throw new VitrineError('ShapeMismatch', 'The denoiser does not fit the data set.', {
    where: wrong.map((field) => `denoiser.${field}`).join(', '),
    expected: `${images.channels} × ${images.size} × ${images.size} pixels, ${images.classNames.length} classes or 0 (${images.name})`,
    actual: `${spec.channels} × ${spec.imageSize} × ${spec.imageSize} pixels, ${spec.classes} classes`,
    hint: "Give the denoiser the image size, channels and classes of the stage's data set.",
  });
}

/** The denoiser of a stage that may do without one. @throws as `loadDenoiser` and `checkDenoiserImages` */
export async function loadDenoiserFor(
  images: ImageSet,
  artifacts: ArtifactStore,
  ref: ArtifactRef | undefined,
): Promise<DenoiserArtifact | undefined> {
  if (!ref) return undefined;
  const denoiser = await loadDenoiser(artifacts, ref);
  checkDenoiserImages(denoiser.spec, images);
  return denoiser;
}
