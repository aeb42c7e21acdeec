import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { VitrineError, type ArtifactRef } from '@vitrine/contracts';

export interface ImportedFile {
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly sha256: string;
}

/** What an importing stage is given, in words. */
export interface ImportedKind {
  /** As the subject of a sentence, in the plural. */
  readonly what: string;
  readonly file: string;
  readonly ports: readonly string[];
}

export const IMPORTED_WEIGHTS: ImportedKind = {
  what: 'weights',
  file: 'a safetensors file',
  ports: ['weights'],
};

interface Given {
  readonly params: { readonly source?: string | undefined; readonly sha256?: string | undefined };
  readonly inputs: Readonly<Record<string, ArtifactRef | undefined>>;
  readonly artifacts: ArtifactStore;
}

/**
 * The file that an importing stage is given, as an input or by its path.
 * @throws VitrineError InvalidSpec when that is not clear, NotFound, ArtifactCorrupt for another digest than was asked for
 */
export async function readImported(given: Given, kind: ImportedKind): Promise<ImportedFile> {
  const { sha256: wanted } = given.params;
  const { bytes, source } = await readGiven(given, kind);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (wanted === undefined || wanted === sha256) return { bytes, source, sha256 };
  throw new VitrineError('ArtifactCorrupt', `The ${kind.what} are not the ones that were asked for.`, {
    where: source,
    expected: `sha256 ${wanted}`,
    actual: `sha256 ${sha256}`,
    hint: 'Name the digest of this file, or the file with this digest.',
  });
}

async function readGiven(
  { params: { source }, inputs, artifacts }: Given,
  kind: ImportedKind,
): Promise<{ bytes: Uint8Array; source: string }> {
  const refs = kind.ports.flatMap((port) => inputs[port] ?? []);
  const [ref] = refs;
  if (ref !== undefined && refs.length === 1 && source === undefined)
    return { bytes: await artifacts.get(ref), source: ref.uri };
  if (source !== undefined && ref === undefined) return { bytes: await readSource(source, kind), source };
  const places = kind.ports.length + 1;
  throw new VitrineError('InvalidSpec', `It is not clear which ${kind.what} to import.`, {
    where: ['params.source', ...kind.ports.map((port) => `inputs.${port}`)].join(', '),
    expected: places === 2 ? 'one of the two' : `one of the ${places}`,
    actual: source === undefined && ref === undefined ? 'neither' : places === 2 ? 'both' : 'several',
  });
}

async function readSource(source: string, { what, file }: ImportedKind): Promise<Uint8Array> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source))
    throw new VitrineError('InvalidSpec', `${capitalised(what)} are imported from files only.`, {
      where: 'params.source',
      expected: `the path of ${file} on the worker's machine`,
      actual: source,
      hint: 'Download the object to the machine of the worker and name its path.',
    });
  try {
    return await readFile(source);
  } catch (cause) {
    throw new VitrineError('NotFound', `The ${what} cannot be read.`, {
      where: 'params.source',
      expected: `${file} on the worker's machine`,
      actual: cause instanceof Error ? cause.message : String(cause),
      hint: 'Give an absolute path that exists on every worker of the pool.',
      cause,
    });
  }
}

const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
