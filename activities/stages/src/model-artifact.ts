import {
  packagedArchitectureSchema,
  VitrineError,
  vitSpecSchema,
  type ArtifactRef,
  type ModelFacts,
  type PackagedArchitecture,
  type VitSpec,
} from '@vitrine/contracts';
import type { ArtifactStore } from '@vitrine/artifact-store';
import type { ImageSet } from '@vitrine/datasets';
import { importWeights } from '@vitrine/ml-nn';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { fromMlError } from './ml-errors.js';

/** A model as stages hand it on: the architecture travels in the file. */
export interface ModelArtifact {
  readonly spec: VitSpec;
  readonly weights: StateDict;
}

/** `format` is what PyTorch's readers look for. */
const METADATA = { format: 'pt' };

/** A safetensors file in timm's names and layouts, with the architecture in its metadata; equal models, equal bytes. */
export function encodeModel({ spec, weights }: ModelArtifact): Uint8Array {
  return encodeSafetensors(weights, { ...METADATA, architecture: JSON.stringify(spec) });
}

/** A model of a package: what the package calls it travels in the file. */
export interface PackagedArtifact {
  readonly architecture: PackagedArchitecture;
  readonly weights: StateDict;
}

export function encodePackaged({ architecture, weights }: PackagedArtifact): Uint8Array {
  return encodeSafetensors(weights, {
    ...METADATA,
    architecture: JSON.stringify({ family: PACKAGE, ...architecture }),
  });
}

/** Undefined for a model of ours. @throws VitrineError ArtifactCorrupt */
export function decodePackaged(bytes: Uint8Array, where: string): PackagedArtifact | undefined {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    const architecture = packagedIn(metadata);
    return architecture && { architecture, weights: state };
  } catch (error) {
    throw fromMlError(error, where);
  }
}

/** The family of models whose code is a package's. */
const PACKAGE = 'package';

function packagedIn({
  architecture = '',
}: Readonly<Record<string, string>>): PackagedArchitecture | undefined {
  const parsed = packagedFileSchema.safeParse(parseJson(architecture));
  if (!parsed.success) return undefined;
  const { family: _always, ...packaged } = parsed.data;
  return packaged;
}

const packagedFileSchema = packagedArchitectureSchema.extend({ family: z.literal(PACKAGE) });

/**
 * Reads a model artifact.
 * @throws VitrineError WeightsMismatch when it names no architecture or its weights do not fit it, ArtifactCorrupt
 */
export function decodeModel(bytes: Uint8Array, where: string): ModelArtifact {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    const packaged = packagedIn(metadata);
    if (packaged)
      throw new VitrineError('WeightsMismatch', 'The stage works on the parts of a vision transformer.', {
        where: `${where}, metadata.architecture`,
        expected: 'a model of family vit',
        actual: `an architecture of a package, ${packaged.uses}`,
        hint: 'Stages of kind evaluate judge models of packages.',
      });
    const parsed = vitSpecSchema.safeParse(parseJson(metadata['architecture'] ?? ''));
    if (!parsed.success)
      throw new VitrineError('WeightsMismatch', 'The model file does not say what architecture it holds.', {
        where: `${where}, metadata.architecture`,
        expected: 'a ViT specification as the stages train and import-model write it',
        actual: metadata['architecture'] ?? 'nothing',
        hint: 'Bring own weights through a stage of kind import-model.',
        cause: parsed.error,
      });
    return { spec: parsed.data, weights: importWeights(parsed.data, state) };
  } catch (error) {
    throw fromMlError(error, where);
  }
}

/** Fetches and reads a model. @throws as `decodeModel` and the store */
export async function loadModel(artifacts: ArtifactStore, ref: ArtifactRef): Promise<ModelArtifact> {
  return decodeModel(await artifacts.get(ref), ref.uri);
}

/** @throws VitrineError ShapeMismatch when the model cannot take these images, naming the fields that differ */
export function checkImages(spec: ModelFacts, images: ImageSet): void {
  const wrong = [
    spec.imageSize === images.size ? '' : 'imageSize',
    spec.channels === images.channels ? '' : 'channels',
    spec.classes === images.classNames.length ? '' : 'classes',
  ].filter((field) => field !== '');
  if (wrong.length === 0) return;
  throw new VitrineError('ShapeMismatch', 'The model does not fit the data set.', {
    where: wrong.map((field) => `model.${field}`).join(', '),
    expected: `${images.channels} × ${images.size} × ${images.size} pixels, ${images.classNames.length} classes (${images.name})`,
    actual: `${spec.channels} × ${spec.imageSize} × ${spec.imageSize} pixels, ${spec.classes} classes`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
