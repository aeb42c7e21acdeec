import { proxyActivities } from '@temporalio/workflow';
import type { CacheActivities, RunRequest, StageResult, StagesAhead } from '@vitrine/contracts';
import { stagesAhead } from '@vitrine/planning';
import { LOOK_AHEAD_FROM, lookAheadOptions } from './activity-options.js';

/** Characters of what has been found that are handed on: with less than this a request travels. */
const MOST_KNOWN = 500_000;

/**
 * Results of a run's stages that are known before it begins. A second identical run of a thousand stages is then a few
 * questions, and not a thousand workflows. Whatever is not found is looked for again when its turn comes.
 */
export async function lookAhead(request: RunRequest): Promise<ReadonlyMap<string, StageResult>> {
  const found = new Map<string, StageResult>();
  const all = poolsToAsk(request);
  const pools = [...all];
  const asking = new Set(pools);
  try {
    // Round and round: what one pool has found may be what stages of another need.
    for (let pool = pools.shift(); pool !== undefined; pool = pools.shift()) {
      asking.delete(pool);
      const ahead = aheadOf(request, pool, found);
      if (JSON.stringify(ahead).length > MOST_KNOWN) return found;
      const answer = await proxyActivities<CacheActivities>(lookAheadOptions(pool)).lookAhead(ahead);
      const names = Object.keys(answer.found);
      for (const name of names) found.set(name, answer.found[name] as StageResult);
      if (names.length === 0) continue;
      for (const other of all)
        if (!asking.has(other) && (answer.more || other !== pool)) {
          asking.add(other);
          pools.push(other);
        }
    }
  } catch {
    // Nobody answers, or the run is cancelled: its stages will hear of it by themselves.
  }
  return found;
}

/** Pools with so many stages to look for that it is worth it. */
function poolsToAsk(request: RunRequest): string[] {
  const counts = new Map<string, number>();
  for (const name of stagesAhead(request)) {
    const { pool = '' } = request.spec.stages[name] ?? {};
    counts.set(pool, (counts.get(pool) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count >= LOOK_AHEAD_FROM).map(([pool]) => pool);
}

function aheadOf(
  { project, runId }: RunRequest,
  pool: string,
  found: ReadonlyMap<string, StageResult>,
): StagesAhead {
  const known = Object.fromEntries([...found].map(([name, { outputs }]) => [name, { outputs }]));
  return { project, runId, pool, known };
}
