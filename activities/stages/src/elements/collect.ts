import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  CHUNK_OUTPUT,
  endedElementSchema,
  stagePorts,
  type ArtifactRef,
  type ArtifactType,
  type CollectedElements,
  type ElementList,
  type ElementsToCollect,
  type EndedElement,
  type StageResult,
} from '@vitrine/contracts';
import { canonicalJson } from '@vitrine/planning';
import { readPage } from './pages.js';

/** One list of each output in the order of the elements, whatever order they ended in; and a record of all. */
export async function collect(
  artifacts: ArtifactStore,
  { job, of, pages, lists }: ElementsToCollect,
): Promise<CollectedElements> {
  const ended: EndedElement[] = [];
  for (const page of pages) ended.push(...(await readPage(artifacts, page, endedElementSchema)));
  ended.sort((a, b) => a.index - b.index);
  const put = (type: ArtifactType, document: unknown): Promise<ArtifactRef> =>
    artifacts.put(type, Buffer.from(JSON.stringify(document)));
  const outputs: Record<string, ArtifactRef> = {};
  if (lists)
    for (const [name, type] of Object.entries(of === 'chunks' ? chunkTypes(ended) : outputTypes(job)))
      outputs[name] = await put('list', listOf(name, type, ended));
  const record = await put('document', ended);
  const profile = commonProfile(ended);
  return { outputs, record, ...(profile && { profile }) };
}

function outputTypes(job: ElementsToCollect['job']): Record<string, ArtifactType> {
  const { outputs = {} } = stagePorts(job) ?? {};
  return Object.fromEntries(Object.entries(outputs).map(([name, { type }]) => [name, type]));
}

function chunkTypes(ended: readonly EndedElement[]): Record<string, ArtifactType> {
  const type = ended[0]?.result?.outputs[CHUNK_OUTPUT]?.type;
  return type === undefined ? {} : { [CHUNK_OUTPUT]: type };
}

/** The list of one output that the elements of a stage gave. */
export function listOf(name: string, of: ArtifactType, ended: readonly EndedElement[]): ElementList {
  const elements = ended.flatMap(({ index, item, result }) => {
    const artifact = result?.outputs[name];
    return artifact ? [{ index, item, artifact }] : [];
  });
  return { format: 1, of, elements };
}

/** Undefined when elements were computed under several. */
function commonProfile(ended: readonly EndedElement[]): StageResult['profile'] | undefined {
  const profiles = ended.flatMap(({ result }) => result?.profile ?? []);
  const [first] = profiles;
  if (!first) return undefined;
  const text = canonicalJson(first);
  return profiles.every((profile) => canonicalJson(profile) === text) ? first : undefined;
}
