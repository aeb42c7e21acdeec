import { stageReferences } from '@vitrine/contracts/sandbox';
import type { SealedRun } from '@vitrine/contracts';
import type { LineageEdge, LineageStore } from './artifact-store.js';
import { encodeDocument } from './documents.js';
import { lineagePrefix } from './keys.js';
import type { Objects } from './objects.js';

/** Notes written at a time. */
const AT_ONCE = 16;

/** An index by digest in keys alone: a listing of one prefix is the answer. */
export class ObjectLineageStore implements LineageStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async record(run: SealedRun): Promise<void> {
    const keys = [...new Set(notesOf(run))];
    for (let start = 0; start < keys.length; start += AT_ONCE)
      await Promise.all(
        keys
          .slice(start, start + AT_ONCE)
          .map((key) => this.#objects.putIf(key, encodeDocument({}), { absent: true })),
      );
  }

  async edges(project: string, sha256: string): Promise<{ made: LineageEdge[]; used: LineageEdge[] }> {
    const prefix = lineagePrefix(project, sha256);
    const found = { made: [] as LineageEdge[], used: [] as LineageEdge[] };
    for await (const key of this.#objects.list(prefix)) {
      const [direction, runId, stage] = key.slice(prefix.length).split('/');
      if ((direction === 'made' || direction === 'used') && runId !== undefined && stage !== undefined)
        found[direction].push({ runId, stage });
    }
    for (const edges of Object.values(found))
      edges.sort((a, b) => (`${a.runId}/${a.stage}` < `${b.runId}/${b.stage}` ? -1 : 1));
    return found;
  }
}

/** Keys of the notes of a run. A stage whose result was found, shared or kept made nothing of anything. */
function notesOf({ request, stages }: SealedRun): string[] {
  const { project, runId, spec } = request;
  return Object.entries(stages).flatMap(([stage, { state, cache, outputs }]) => {
    const described = spec.stages[stage];
    if (state !== 'succeeded' || cache?.from || !described) return [];
    const used = stageReferences(described).flatMap((of) => stages[of.stage]?.outputs?.[of.output] ?? []);
    const key = (direction: string, sha256: string): string =>
      `${lineagePrefix(project, sha256)}${direction}/${runId}/${stage}`;
    return [
      ...Object.values(outputs ?? {}).map(({ sha256 }) => key('made', sha256)),
      ...used.map(({ sha256 }) => key('used', sha256)),
    ];
  });
}
