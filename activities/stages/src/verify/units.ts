import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  endedElementSchema,
  type ElementSource,
  type EndedElement,
  type SealedRun,
  type StageJob,
  type StageOrigin,
  type StageResult,
} from '@vitrine/contracts';
import { artifactOf, elementJob, elementsOf, stageJob } from '@vitrine/planning';
import { readLists, spreadLists } from '../elements/lists.js';
import { readPage } from '../elements/pages.js';

/** A stage, or one element of a stage that was made many, with what it gave. */
export interface Unit {
  /** `stage`, or `stage.3`. */
  readonly name: string;
  readonly job: StageJob;
  readonly outputs: StageResult['outputs'];
  readonly summary: StageResult['summary'];
  /** Whose result it is, when another run computed it. */
  readonly from?: StageOrigin | undefined;
}

/** The job and the result of a stage that is not made many. */
export async function unitOf(artifacts: ArtifactStore, run: SealedRun, name: string): Promise<Unit> {
  const { outputs = {}, summary = {}, cache } = run.stages[name] ?? {};
  const job = stageJob(run.request, run.stages, name);
  const inputs = await spreadLists(artifacts, job.inputs);
  return { name, job: { ...job, inputs }, outputs, summary, from: cache?.from };
}

/** What became of each element of a stage that is made many. */
export async function recordOf(
  artifacts: ArtifactStore,
  run: SealedRun,
  name: string,
): Promise<EndedElement[]> {
  const record = run.stages[name]?.elements?.record;
  return record ? readPage(artifacts, record, endedElementSchema) : [];
}

/** The elements of such a stage that gave something. */
export async function elementUnits(
  artifacts: ArtifactStore,
  run: SealedRun,
  { name, record }: { readonly name: string; readonly record: readonly EndedElement[] },
): Promise<Unit[]> {
  const forEach = run.request.spec.stages[name]?.forEach;
  if (!forEach) return [];
  const job = stageJob(run.request, run.stages, name);
  const over = forEach.over === undefined ? undefined : artifactOf(run.stages, forEach.over, name);
  const source: ElementSource = { type: 'list', forEach, ...(over && { over }) };
  const planned = elementsOf(job, source, await readLists(artifacts, job, source));
  if (typeof planned === 'string') throw new RangeError(`stages.${name}.forEach: ${planned}`);
  const units: Unit[] = [];
  for (const { index, result } of record) {
    const element = planned.find((one) => one.index === index);
    if (!result || !element) continue;
    const one = elementJob(job, source, element);
    const inputs = await spreadLists(artifacts, one.inputs);
    const { outputs, summary, cache } = result;
    units.push({ name: `${name}.${index}`, job: { ...one, inputs }, outputs, summary, from: cache?.from });
  }
  return units;
}
