import { createHash } from 'node:crypto';
import type { ArtifactStore, CacheStore, RunStore } from '@vitrine/artifact-store';
import {
  elementEntrySchema,
  endedElementSchema,
  MOST_ELEMENTS,
  MOST_ITEM_BYTES,
  VitrineError,
  type ArtifactRef,
  type ControlActivities,
  type ElementEntry,
  type ElementsToPlan,
  type EndedElement,
  type StageResult,
} from '@vitrine/contracts';
import { canonicalJson, elementJob, elementsOf, lostItems, recipeOf } from '@vitrine/planning';
import { alive } from '../alive.js';
import { collect } from './collect.js';
import { readLists } from './lists.js';
import { pagesOf, readPage } from './pages.js';

export interface ElementDeps {
  readonly artifacts: (project: string) => ArtifactStore;
  readonly cache: Pick<CacheStore, 'damage' | 'mend'>;
  readonly runs: Pick<RunStore, 'getSealed'>;
}

type ElementControl = Pick<
  ControlActivities,
  'planElements' | 'readElements' | 'storeElements' | 'collectElements'
>;

/** The part of the control activities that concerns the elements of a stage. All that is large stays in the store. */
export function createElementControl(deps: ElementDeps): ElementControl {
  const put = (project: string, document: unknown): Promise<ArtifactRef> =>
    deps.artifacts(project).put('document', Buffer.from(JSON.stringify(document)));
  return {
    planElements: (elements) =>
      alive(async () => {
        const { entries, lost } = await plan(deps, elements);
        const pages: ArtifactRef[] = [];
        for (const page of pagesOf(entries)) pages.push(await put(elements.job.project, page));
        return { total: entries.length, pages, ...(lost > 0 && { lost }) };
      }),
    readElements: (project, page) => alive(() => readPage(deps.artifacts(project), page, elementEntrySchema)),
    storeElements: (project, ended) => alive(() => put(project, ended)),
    collectElements: (elements) => alive(() => collect(deps.artifacts(elements.job.project), elements)),
  };
}

/** @throws VitrineError InvalidSpec naming the field that the list is of */
async function plan(
  deps: ElementDeps,
  { job, source, earlier }: ElementsToPlan,
): Promise<{ readonly entries: ElementEntry[]; readonly lost: number }> {
  const lists = await readLists(deps.artifacts(job.project), job, source);
  const planned = elementsOf(job, source, lists);
  if (typeof planned === 'string') throw badList(job.stage, planned);
  if (planned.length > MOST_ELEMENTS)
    throw badList(job.stage, `expected at most ${MOST_ELEMENTS} elements, got ${planned.length}`);
  const long = planned.find(({ item }) => JSON.stringify(item).length > MOST_ITEM_BYTES);
  if (long)
    throw badList(
      job.stage,
      `expected items of at most ${MOST_ITEM_BYTES} characters of JSON, got a longer one at ${long.index}`,
    );
  const known = earlier ? await earlierResults(deps, job.project, earlier) : new Map<string, StageResult>();
  const entries: ElementEntry[] = [];
  for (const element of planned) {
    const { codeVersion: _code, ...recipe } = recipeOf(elementJob(job, source, element));
    const entry = { ...element, recipe: createHash('sha256').update(canonicalJson(recipe)).digest('hex') };
    const kept = known.get(entry.recipe);
    const whole = kept && (await isWhole(deps, job.project, kept));
    entries.push(whole ? { ...entry, kept } : entry);
  }
  return { entries, lost: lostItems(source, lists, planned) };
}

/** Results of an earlier run's elements, by all that they depend on but code and numerics. */
async function earlierResults(
  { runs, artifacts }: ElementDeps,
  project: string,
  { runId, stage }: NonNullable<ElementsToPlan['earlier']>,
): Promise<Map<string, StageResult>> {
  const record = (await runs.getSealed(project, runId))?.stages[stage]?.elements?.record;
  const ended = record ? await readRecord(artifacts(project), record) : [];
  return new Map(
    ended.flatMap(({ recipe, result, index }) =>
      recipe !== undefined && result
        ? [[recipe, keptFrom(result, { runId, stage: `${stage}.${index}` })] as const]
        : [],
    ),
  );
}

/** What became of the elements of a stage; nothing when the record itself is lost, which costs only time. */
async function readRecord(artifacts: ArtifactStore, record: ArtifactRef): Promise<EndedElement[]> {
  try {
    return await readPage(artifacts, record, endedElementSchema);
  } catch (error) {
    if (error instanceof VitrineError && /^Artifact/.test(error.code)) return [];
    throw error;
  }
}

function keptFrom(result: StageResult, by: { readonly runId: string; readonly stage: string }): StageResult {
  return { ...result, cache: { outcome: 'kept', from: result.cache?.from ?? by } };
}

async function isWhole({ cache }: ElementDeps, project: string, { outputs }: StageResult): Promise<boolean> {
  if ((await cache.damage(project, outputs)) === undefined) return true;
  await cache.mend(project, outputs);
  return false;
}

function badList(stage: string, actual: string): VitrineError {
  return new VitrineError('InvalidSpec', 'A stage cannot be made many by its list.', {
    where: `stages.${stage}.forEach`,
    actual,
    hint: 'Correct the stage that makes the list, or split it over several stages.',
  });
}
