import type { RunStore } from '@vitrine/artifact-store';
import { VitrineError, type SealedRun } from '@vitrine/contracts';
import type { ComputedSample } from '@vitrine/planning';
import { LruMap } from '../common/lru-map.js';
import { newestFirst } from '../runs/run-list.js';

/** Closed runs that forecasts are taken from. */
const RUNS = 200;
/** Records read at a time. */
const PARALLEL = 8;

/** What stages of the newest closed runs took; each record is read once. */
export class RunHistory {
  private readonly known = new LruMap<string, readonly ComputedSample[]>(5 * RUNS);

  constructor(private readonly runs: Pick<RunStore, 'listRunIds' | 'getSealed'>) {}

  async samples(project: string): Promise<ComputedSample[]> {
    const newest = newestFirst(await this.runs.listRunIds(project)).slice(0, RUNS);
    const found: ComputedSample[] = [];
    for (let at = 0; at < newest.length; at += PARALLEL) {
      const some = newest.slice(at, at + PARALLEL);
      found.push(...(await Promise.all(some.map((runId) => this.samplesOf(project, runId)))).flat());
    }
    return found;
  }

  private async samplesOf(project: string, runId: string): Promise<readonly ComputedSample[]> {
    const key = `${project}/${runId}`;
    const known = this.known.get(key);
    if (known) return known;
    const sealed = await this.read(project, runId);
    if (!sealed) return [];
    const samples = samplesOf(sealed);
    this.known.set(key, samples);
    return samples;
  }

  /** A damaged record teaches nothing, and hides nothing else. */
  private async read(project: string, runId: string): Promise<SealedRun | undefined> {
    try {
      return await this.runs.getSealed(project, runId);
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'ArtifactCorrupt') return undefined;
      throw error;
    }
  }
}

/** Stages that were computed in one go: what was found or resumed says nothing of how long it takes. */
export function samplesOf({ request, stages }: SealedRun): ComputedSample[] {
  return Object.entries(stages).flatMap(([name, stage]) => {
    const { state, cache, startedAt, endedAt, outputs, resumedFromStep, kind } = stage;
    const described = request.spec.stages[name];
    const whole = state === 'succeeded' && !cache?.from && !resumedFromStep;
    // How long a fan-out takes says nothing of one element.
    if (described?.forEach) return [];
    if (!whole || startedAt === undefined || endedAt === undefined || !described) return [];
    const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    const bytes = Object.values(outputs ?? {}).reduce((sum, ref) => sum + ref.bytes, 0);
    const { params, resources } = described;
    return [{ kind, params, seconds, devices: resources.devices, bytes }];
  });
}
