import { VitrineError, type StageKind } from '@vitrine/contracts';
import { decodeSafetensors, encodeSafetensors, type StateDict } from '@vitrine/ml-tensor';
import type { z } from 'zod';

/** Raised whenever older code could misread what newer code writes. */
const FORMAT = '1';

/** What a stage needs to go on exactly where it stopped: arrays by name, and everything small as JSON. */
export interface CheckpointContent<Meta> {
  readonly arrays: StateDict;
  readonly meta: Meta;
}

/** A safetensors file whose metadata say format and stage kind; equal contents give equal bytes. */
export function encodeCheckpoint(kind: StageKind, content: CheckpointContent<unknown>): Uint8Array {
  return encodeSafetensors(content.arrays, { format: FORMAT, kind, meta: JSON.stringify(content.meta) });
}

/**
 * Reads what `encodeCheckpoint` wrote for the same kind.
 * @throws VitrineError CodeVersionMismatch for another format, ArtifactCorrupt for everything else that is no such file
 */
export function decodeCheckpoint<Meta>(
  kind: StageKind,
  meta: z.ZodType<Meta>,
  bytes: Uint8Array,
): CheckpointContent<Meta> {
  const { state, metadata } = readFile(kind, bytes);
  if (metadata['format'] !== FORMAT)
    throw new VitrineError('CodeVersionMismatch', 'The checkpoint has another format than this code reads.', {
      where: `checkpoint of a ${kind} stage, metadata.format`,
      expected: FORMAT,
      actual: metadata['format'] ?? 'none',
    });
  if (metadata['kind'] !== kind)
    throw corrupt(kind, 'metadata.kind', { expected: kind, actual: metadata['kind'] ?? 'none' });
  const parsed = meta.safeParse(parseJson(kind, metadata['meta'] ?? ''));
  if (parsed.success) return { arrays: state, meta: parsed.data };
  const [issue] = parsed.error.issues;
  throw corrupt(kind, `metadata.meta, ${issue?.path.join('.') || 'document'}`, {
    expected: issue?.message ?? 'valid state',
    actual: 'something else',
    cause: parsed.error,
  });
}

function readFile(kind: StageKind, bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw corrupt(kind, 'file', { expected: 'a safetensors file', actual, cause });
  }
}

function parseJson(kind: StageKind, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(kind, 'metadata.meta', { expected: 'JSON', actual: text.slice(0, 80), cause });
  }
}

function corrupt(
  kind: StageKind,
  place: string,
  problem: { expected: string; actual: string; cause?: unknown },
): VitrineError {
  return new VitrineError('ArtifactCorrupt', 'The checkpoint cannot be read.', {
    where: `checkpoint of a ${kind} stage, ${place}`,
    ...problem,
  });
}
