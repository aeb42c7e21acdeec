import { packFolder, type ArtifactStore } from '@vitrine/artifact-store';
import {
  VitrineError,
  type ArtifactRef,
  type CommandSource,
  type PipelineSpec,
  type StageSpec,
} from '@vitrine/contracts';

/** Programs, not data: a data set comes in as an artifact. */
const LIMIT_BYTES = 256 * 2 ** 20;

export interface PackingOptions {
  readonly artifacts: ArtifactStore;
  /** Whether those who submit may have this machine's folders read: only they who sit at it. */
  readonly readsFolders: boolean;
}

/**
 * The pipeline with the folders of its programs packed: what runs is what lay there when the run was submitted, on whichever
 * machine, and its digest is part of the stage.
 * @throws VitrineError InvalidSpec naming the field, StorageUnavailable
 */
export async function packSources(
  spec: PipelineSpec,
  { artifacts, readsFolders }: PackingOptions,
): Promise<PipelineSpec> {
  const stages: Record<string, StageSpec> = {};
  for (const [name, stage] of Object.entries(spec.stages)) {
    const source = stage.kind === 'command' ? stage.params.source : undefined;
    const field = `stages.${name}.params.source.folder`;
    if (source !== undefined && 'artifact' in source)
      await refuseMissing(source.artifact, artifacts, `stages.${name}.params.source.artifact`);
    if (source !== undefined && 'folder' in source && !readsFolders) throw notRead(field, source.folder);
    stages[name] =
      stage.kind === 'command' && source !== undefined && 'folder' in source
        ? {
            ...stage,
            params: {
              ...stage.params,
              source: await pack(source, artifacts, field),
            },
          }
        : stage;
  }
  return { ...spec, stages };
}

async function pack(
  { folder, exclude }: Extract<CommandSource, { folder: string }>,
  artifacts: ArtifactStore,
  field: string,
): Promise<CommandSource> {
  try {
    const packed = await packFolder(folder, { exclude, limitBytes: LIMIT_BYTES });
    return { artifact: await artifacts.put('folder', packed) };
  } catch (error) {
    if (!(error instanceof VitrineError) || error.code === 'StorageUnavailable' || error.code === 'DiskFull')
      throw error;
    throw new VitrineError('InvalidSpec', 'The source of a program cannot be packed.', {
      ...error.details,
      where: field,
      hint: 'Name a folder that the machine of the API can read; leave large files out with source.exclude.',
      cause: error,
    });
  }
}

/** Only its beginning is read: the stage checks the rest. */
async function refuseMissing(ref: ArtifactRef, artifacts: ArtifactStore, field: string): Promise<void> {
  try {
    for await (const _piece of artifacts.stream(ref)) break;
  } catch (error) {
    if (!(error instanceof VitrineError) || !/^Artifact/.test(error.code)) throw error;
    throw new VitrineError('InvalidSpec', 'The source of a program is not in the store.', {
      ...error.details,
      where: field,
      hint: 'Name the folder, so that it is packed again.',
      cause: error,
    });
  }
}

function notRead(field: string, folder: string): VitrineError {
  return new VitrineError('InvalidSpec', 'This API reads no folders of its machine.', {
    where: field,
    expected: 'a folder at an API that listens on the loopback interface only, or an artifact',
    actual: folder,
    hint: 'Submit it to a local stack once, and name the artifact that its request holds.',
  });
}
