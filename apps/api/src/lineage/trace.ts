import type { LineageStore, RunStore } from '@vitrine/artifact-store';
import { VitrineError, type Lineage, type LineageStep, type SealedRun } from '@vitrine/contracts';
import { stageCodeVersion } from '@vitrine/planning';
import { stageReferences } from '@vitrine/contracts/sandbox';
import { LruMap } from '../common/lru-map.js';

/** Computations told at most, in each direction. */
const MOST_STEPS = 500;
/** Records kept while one question is answered. */
const RUNS_KEPT = 100;

interface Sources {
  readonly lineage: Pick<LineageStore, 'edges'>;
  readonly runs: Pick<RunStore, 'getSealed'>;
}

interface Question {
  readonly project: string;
  readonly sha256: string;
}

/**
 * Everything an artifact was made from, and everything that was made of it, step by step.
 * @throws VitrineError NotFound, StorageUnavailable
 */
export async function traceLineage(sources: Sources, question: Question): Promise<Lineage> {
  const walk = new Walk(sources, question.project);
  const up = await walk.from(question.sha256, 'made');
  const down = await walk.from(question.sha256, 'used');
  if (up.steps.length + down.steps.length === 0)
    throw new VitrineError('NotFound', 'No closed run has made or used these bytes.', {
      where: `project ${question.project}, sha256 ${question.sha256}`,
      expected: 'the digest of an artifact',
      hint: 'List the artifacts of a run; those of an open run are noted when it ends.',
    });
  return {
    ...question,
    upstream: up.steps,
    downstream: down.steps,
    truncated: up.truncated || down.truncated,
  };
}

/** Breadth first, so that the nearest come first; each computation once. */
class Walk {
  private readonly records = new LruMap<string, SealedRun>(RUNS_KEPT);

  constructor(
    private readonly sources: Sources,
    private readonly project: string,
  ) {}

  async from(
    start: string,
    direction: 'made' | 'used',
  ): Promise<{ steps: LineageStep[]; truncated: boolean }> {
    const steps = new Map<string, LineageStep>();
    const seen = new Set([start]);
    const queue = [start];
    for (let sha256 = queue.shift(); sha256 !== undefined; sha256 = queue.shift()) {
      const edges = await this.sources.lineage.edges(this.project, sha256);
      for (const { runId, stage } of edges[direction]) {
        const step = steps.has(`${runId}/${stage}`) ? undefined : await this.step(runId, stage);
        if (!step) continue;
        if (steps.size === MOST_STEPS) return { steps: [...steps.values()], truncated: true };
        steps.set(`${runId}/${stage}`, step);
        for (const next of direction === 'made' ? step.inputs : step.outputs) {
          if (seen.has(next.sha256)) continue;
          seen.add(next.sha256);
          queue.push(next.sha256);
        }
      }
    }
    return { steps: [...steps.values()], truncated: false };
  }

  /** Undefined when the record of the run is gone: its notes then lead nowhere. */
  private async step(runId: string, stage: string): Promise<LineageStep | undefined> {
    const run = this.records.get(runId) ?? (await this.sources.runs.getSealed(this.project, runId));
    const status = run?.stages[stage];
    const described = run?.request.spec.stages[stage];
    if (!run || !status || !described) return undefined;
    this.records.set(runId, run);
    const inputs = stageReferences(described).flatMap(({ path, stage: source, output }) => {
      const ref = run.stages[source]?.outputs?.[output];
      return ref ? [{ name: path.slice(1).join('.'), type: ref.type, sha256: ref.sha256 }] : [];
    });
    const outputs = Object.entries(status.outputs ?? {}).map(([name, { type, sha256 }]) => ({
      name,
      type,
      sha256,
    }));
    const { seeds } = run.request;
    const { kind, endedAt } = status;
    const codeVersion = stageCodeVersion(run.request, kind);
    const facts = { runId, stage, kind, codeVersion, seed: seeds[stage] ?? 0, inputs, outputs };
    return endedAt === undefined ? facts : { ...facts, endedAt };
  }
}
