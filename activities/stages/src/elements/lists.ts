import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  listedInputs,
  listSchema,
  VitrineError,
  type ArtifactRef,
  type ElementList,
  type ElementSource,
  type StageJob,
} from '@vitrine/contracts';
import type { ListsRead } from '@vitrine/planning';

/** The lists that a stage is made many by. */
export async function readLists(
  artifacts: ArtifactStore,
  job: StageJob,
  source: ElementSource,
): Promise<ListsRead> {
  if (source.type === 'chunks') return { zipped: {} };
  const zipped: Record<string, ElementList> = {};
  for (const [place, ref] of Object.entries(listedInputs(job, source)))
    zipped[place] = await readList(artifacts, ref);
  const { over } = source;
  if (!over) return { zipped };
  return {
    zipped,
    over: over.type === 'list' ? await readList(artifacts, over) : await decode(artifacts, over),
  };
}

export async function readList(artifacts: ArtifactStore, ref: ArtifactRef): Promise<ElementList> {
  const parsed = listSchema.safeParse(await decode(artifacts, ref));
  if (parsed.success) return parsed.data;
  throw new VitrineError('ArtifactCorrupt', 'A list is none.', { where: ref.uri, cause: parsed.error });
}

async function decode(artifacts: ArtifactStore, ref: ArtifactRef): Promise<unknown> {
  try {
    return JSON.parse(Buffer.from(await artifacts.get(ref)).toString('utf8')) as unknown;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new VitrineError('ArtifactCorrupt', 'A document is not JSON.', { where: ref.uri, cause });
  }
}

/**
 * Inputs with every list in a port that takes many replaced by what it lists: the elements of `sweep` become `sweep-0`,
 * `sweep-1` and so on.
 */
export async function spreadLists(
  artifacts: ArtifactStore,
  inputs: StageJob['inputs'],
): Promise<StageJob['inputs']> {
  const spread: StageJob['inputs'] = {};
  for (const [port, input] of Object.entries(inputs)) {
    if (isArtifact(input)) {
      spread[port] = input;
      continue;
    }
    const labelled: Record<string, ArtifactRef> = {};
    for (const [label, ref] of Object.entries(input)) {
      if (ref.type !== 'list') labelled[label] = ref;
      else
        for (const { index, artifact } of (await readList(artifacts, ref)).elements)
          labelled[`${label}-${index}`] = artifact;
    }
    spread[port] = labelled;
  }
  return spread;
}

function isArtifact(input: StageJob['inputs'][string]): input is ArtifactRef {
  return typeof input['sha256'] === 'string';
}
