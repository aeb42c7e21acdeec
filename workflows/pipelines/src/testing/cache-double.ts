import { createHash } from 'node:crypto';
import type {
  CacheActivities,
  CacheAnswer,
  CacheParts,
  ControlActivities,
  RunRequest,
  StageJob,
  StageResult,
  StagesAhead,
  StagesFound,
} from '@vitrine/contracts';
import { cacheKeyText, findAhead, recipeOf } from '@vitrine/planning';
import { stageResult } from './results.js';

/** Results by key in memory, by the real keys: what workflows see of a store. */
export class CacheDouble implements CacheActivities {
  readonly results = new Map<string, StageResult>();
  /** How often each stage was looked up, by name. */
  readonly looks: string[] = [];
  /** Answers instead of what is stored, by stage of an earlier run. */
  readonly earlier = new Map<string, StageResult>();

  keyOf(job: StageJob): string {
    const { profile } = stageResult(job);
    const parts: CacheParts = { ...recipeOf(job), profile };
    return createHash('sha256').update(cacheKeyText(parts)).digest('hex');
  }

  lookUp(job: StageJob): Promise<CacheAnswer> {
    this.looks.push(job.stage);
    const key = this.keyOf(job);
    const result = this.results.get(key);
    return Promise.resolve(result ? { key, result } : { key, reason: 'there is no entry' });
  }

  peek(job: StageJob): Promise<CacheAnswer> {
    const { looks } = this;
    const answer = this.lookUp(job);
    looks.pop();
    return answer;
  }

  /** Requests by run, as the store has them. */
  readonly requests = new Map<string, RunRequest>();

  lookAhead(ahead: StagesAhead): Promise<StagesFound> {
    const request = this.requests.get(ahead.runId);
    if (!request) return Promise.resolve({ found: {}, more: false });
    return findAhead(request, ahead, (job) => this.peek(job));
  }

  readonly control: Pick<ControlActivities, 'storeResult' | 'keepResult'> = {
    storeResult: ({ job, result }) => {
      const key = this.keyOf(job);
      const { runId, stage } = job;
      this.results.set(key, { ...result, cache: { outcome: 'hit', key, from: { runId, stage } } });
      return Promise.resolve({ ...result, cache: { ...result.cache, key } as never });
    },
    keepResult: (_job, { runId, stage }) => {
      const result = this.earlier.get(`${runId}/${stage}`);
      return Promise.resolve(
        result
          ? { result: { ...result, cache: { outcome: 'kept', from: { runId, stage } } } }
          : { reason: 'it is gone' },
      );
    },
  };
}
