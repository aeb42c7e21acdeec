import { VitrineError } from '@vitrine/contracts';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import { fromMlError } from './ml-errors.js';

/** Arrays by name, and facts about them that travel in the metadata of their file. */
export interface DescribedArrays<M> {
  readonly arrays: StateDict;
  readonly meta: M;
}

export interface Description<S extends z.ZodType> {
  /** What the file says that it holds. */
  readonly content: string;
  readonly schema: S;
  /** For people: `The <name> cannot be read.` */
  readonly name: string;
  /** What its facts are, and who writes them. */
  readonly expected: string;
}

export function encodeDescribed<S extends z.ZodType>(
  { content }: Description<S>,
  { arrays, meta }: DescribedArrays<z.infer<S>>,
): Uint8Array {
  return encodeSafetensors(arrays, { content, meta: JSON.stringify(meta) });
}

/** @throws VitrineError ArtifactCorrupt when the bytes are no such artifact */
export function decodeDescribed<S extends z.ZodType>(
  bytes: Uint8Array,
  where: string,
  { schema, name, expected }: Description<S>,
): DescribedArrays<z.infer<S>> {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    return { arrays: state, meta: schema.parse(JSON.parse(metadata['meta'] ?? '{}')) };
  } catch (cause) {
    const error = fromMlError(cause, where);
    if (error instanceof VitrineError) throw error;
    throw new VitrineError('ArtifactCorrupt', `The ${name} cannot be read.`, {
      where: `${where}, metadata.meta`,
      expected,
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
}
