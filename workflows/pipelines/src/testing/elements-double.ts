import { createHash } from 'node:crypto';
import type {
  ArtifactRef,
  ArtifactType,
  ControlActivities,
  ElementEntry,
  ElementList,
  ElementsToCollect,
  ElementsToPlan,
  EndedElement,
  StageJob,
  StageResult,
} from '@vitrine/contracts';
import { listedInputs } from '@vitrine/contracts';
import { canonicalJson, elementJob, elementsOf, lostItems, recipeOf } from '@vitrine/planning';
import { artifact } from './results.js';

const PAGE = 200;

/** Lists in memory: what workflows see of a store. Elements are told apart by the real functions. */
export class ElementsDouble {
  private readonly documents = new Map<string, unknown>();
  /** Records of elements by earlier run and stage. */
  readonly earlier = new Map<string, ArtifactRef>();

  put(type: ArtifactType, document: unknown): ArtifactRef {
    const sha256 = createHash('sha256').update(JSON.stringify(document)).digest('hex');
    this.documents.set(sha256, document);
    return { ...artifact(type, sha256), sha256 };
  }

  get(ref: ArtifactRef): unknown {
    return this.documents.get(ref.sha256);
  }

  readonly control: Pick<
    ControlActivities,
    'planElements' | 'readElements' | 'storeElements' | 'collectElements'
  > = {
    planElements: (elements) => Promise.resolve(this.plan(elements)),
    readElements: (_project, page) => Promise.resolve(this.get(page) as ElementEntry[]),
    storeElements: (_project, ended) => Promise.resolve(this.put('document', ended)),
    collectElements: (elements) => Promise.resolve(this.collect(elements)),
  };

  private plan({ job, source, earlier }: ElementsToPlan) {
    const over = source.type === 'list' && source.over ? this.get(source.over) : undefined;
    const lists = { ...(over !== undefined && { over }), zipped: this.zipped(job, source) };
    const planned = elementsOf(job, source, lists);
    if (typeof planned === 'string') throw new TypeError(planned);
    const record = earlier && this.earlier.get(`${earlier.runId}/${earlier.stage}`);
    const known = new Map(
      ((record ? this.get(record) : []) as EndedElement[]).map(({ recipe, result }) => [recipe, result]),
    );
    const entries = planned.map((element): ElementEntry => {
      const recipe = recipeDigest(elementJob(job, source, element));
      const kept = known.get(recipe);
      const cache = { outcome: 'kept' as const, from: earlier ?? { runId: 'none', stage: 'none' } };
      return { ...element, recipe, ...(kept && { kept: { ...kept, cache } }) };
    });
    const pages: ArtifactRef[] = [];
    for (let at = 0; at < entries.length; at += PAGE)
      pages.push(this.put('document', entries.slice(at, at + PAGE)));
    return { total: entries.length, pages, lost: lostItems(source, lists, planned) };
  }

  private zipped(job: StageJob, source: ElementsToPlan['source']): Record<string, ElementList> {
    return Object.fromEntries(
      Object.entries(listedInputs(job, source)).map(([place, ref]) => [place, this.get(ref) as ElementList]),
    );
  }

  private collect({ of, pages }: ElementsToCollect) {
    const ended = pages.flatMap((page) => this.get(page) as EndedElement[]);
    ended.sort((a, b) => a.index - b.index);
    const name = of === 'chunks' ? 'chunk' : 'done';
    const elements = ended.flatMap(({ index, item, result }) => {
      const found = result?.outputs[name];
      return found ? [{ index, item, artifact: found }] : [];
    });
    const outputs = { [name]: this.put('list', { format: 1, of: 'document', elements }) };
    const profile = ended.find(({ result }) => result)?.result?.profile;
    return { outputs, record: this.put('document', ended), ...(profile && { profile }) };
  }
}

function recipeDigest(job: StageJob): string {
  const { codeVersion: _code, ...recipe } = recipeOf(job);
  return createHash('sha256').update(canonicalJson(recipe)).digest('hex');
}

/** Of the record of a stage's elements: those that have a result, by index. */
export function resultsOf(double: ElementsDouble, record: ArtifactRef | undefined): Map<number, StageResult> {
  const ended = (record ? double.get(record) : []) as EndedElement[];
  return new Map(ended.flatMap(({ index, result }) => (result ? [[index, result]] : [])));
}
