import type {
  ArtifactRef,
  Chunk,
  ElementList,
  ElementSource,
  PlannedElement,
  StageJob,
} from '@vitrine/contracts';
import { assignItem } from '@vitrine/contracts/sandbox';
import { canonicalJson } from './canonical-json.js';
import { deriveSeed } from './derive-seed.js';
import { resultShare } from './result-share.js';

/** An item of a list, at its place in it. */
export interface ListedItem {
  readonly index: number;
  readonly item: unknown;
}

/**
 * The seed of each item: of its value, and of how many equal ones came before it. So items keep theirs when others are put
 * in or taken out, and equal items are different draws.
 */
export function elementSeeds(seed: number, items: readonly ListedItem[]): number[] {
  const seen = new Map<string, number>();
  return items.map(({ item }) => {
    const text = canonicalJson(item);
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    return deriveSeed(seed, `${text} ${before}`);
  });
}

/** The chunks of `total` pieces, the last one as long as it gets. */
export function chunksOf(total: number, size: number): Chunk[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => ({
    first: index * size,
    count: Math.min(size, total - index * size),
  }));
}

/** The job of one element of a stage. */
export function elementJob(job: StageJob, source: ElementSource, element: PlannedElement): StageJob {
  const { index, item, seed, inputs, chunk } = element;
  const params = source.type === 'list' ? assignItem(job.params, source.forEach.params, item) : job.params;
  return {
    ...job,
    stage: `${job.stage}.${index}`,
    seed,
    params,
    inputs: withInputs(job.inputs, inputs),
    // Of those that are under way at a time: a history ends once it is long.
    ...(source.type === 'list' && { resultCharacters: resultShare(source.forEach.maxParallel) }),
    ...(chunk && { part: { step: 'chunk', ...chunk } }),
  };
}

/** Artifacts at their ports, and at their labels in ports that take many. */
function withInputs(before: StageJob['inputs'], at: PlannedElement['inputs']): StageJob['inputs'] {
  return Object.entries(at).reduce((inputs, [place, artifact]) => {
    const [port = '', label] = place.split('.');
    if (label === undefined) return { ...inputs, [port]: artifact };
    return { ...inputs, [port]: { ...(inputs[port] as Record<string, ArtifactRef>), [label]: artifact } };
  }, before);
}

/** What the lists of a fan-out hold, read from the store. */
export interface ListsRead {
  /** The document or list that `over` names. */
  readonly over?: unknown;
  /** Inputs that are read element by element, by port, or port and label. */
  readonly zipped: Readonly<Record<string, ElementList>>;
}

/**
 * The elements of a stage, in their order. One for which an input has nothing, because it failed before, is left out.
 * @returns what is wrong with the list, in words, when there is no telling
 */
export function elementsOf(
  job: StageJob,
  source: ElementSource,
  lists: ListsRead,
): PlannedElement[] | string {
  if (source.type === 'chunks')
    return chunksOf(source.total, source.size).map((chunk, index) => ({
      index,
      item: chunk,
      seed: job.seed,
      inputs: {},
      chunk,
    }));
  const listed = itemsOf(source, lists);
  if (typeof listed === 'string') return listed;
  const seeds = source.forEach.sameSeed ? undefined : elementSeeds(job.seed, listed);
  const zipped = Object.entries(lists.zipped).map(
    ([port, { elements }]) =>
      [port, new Map(elements.map(({ index, artifact }) => [index, artifact]))] as const,
  );
  const known = new Set(listed.map(({ index }) => index));
  for (const [port, artifacts] of zipped) {
    const stray = [...artifacts.keys()].find((index) => !known.has(index));
    if (stray !== undefined)
      return `expected the list of input ${port} to go with the other list, got an element ${stray} that only it has`;
  }
  return listed.flatMap(({ index, item }, at) => {
    const inputs = zipped.flatMap(([port, artifacts]) => {
      const artifact = artifacts.get(index);
      return artifact ? [[port, artifact] as const] : [];
    });
    if (inputs.length < zipped.length) return [];
    return [{ index, item, seed: seeds?.[at] ?? job.seed, inputs: Object.fromEntries(inputs) }];
  });
}

/** Items for which there is no element: something before has failed for them. */
export function lostItems(source: ElementSource, lists: ListsRead, elements: readonly unknown[]): number {
  if (source.type === 'chunks' || !source.forEach.byElement) return 0;
  const listed = itemsOf(source, lists);
  return typeof listed === 'string' ? 0 : listed.length - elements.length;
}

function itemsOf(
  { forEach }: Extract<ElementSource, { type: 'list' }>,
  lists: ListsRead,
): ListedItem[] | string {
  if (forEach.items) return forEach.items.map((item, index) => ({ index, item }));
  const { over = Object.values(lists.zipped)[0] } = lists;
  if (Array.isArray(over)) return (over as unknown[]).map((item, index) => ({ index, item }));
  if (isList(over)) return over.elements.map(({ index, item }) => ({ index, item }));
  return `expected a JSON array, got ${over === null ? 'null' : typeof over}`;
}

function isList(value: unknown): value is ElementList {
  return typeof value === 'object' && value !== null && 'elements' in value && 'of' in value;
}
