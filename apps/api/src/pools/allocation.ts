import { VitrineError, type PipelineSpec, type PoolPolicy } from '@vitrine/contracts';
import { DEFAULT_PRIORITY } from '@vitrine/contracts/names';
import type { PoolPolicies } from '../temporal/pool-policies.js';

/**
 * Pools of a pipeline whose devices are given out by a policy.
 * @throws VitrineError InvalidSpec for a class that a policy does not have, or a stage that wants more than its project may ever
 * hold; TemporalUnavailable
 */
export async function allocatedPools(
  spec: PipelineSpec,
  policies: Pick<PoolPolicies, 'policy'>,
): Promise<string[]> {
  const pools = [...new Set(Object.values(spec.stages).map(({ pool }) => pool))].sort();
  const found = await Promise.all(pools.map(async (pool) => [pool, await policies.policy(pool)] as const));
  return found.flatMap(([pool, policy]) => {
    if (!policy) return [];
    refuseUnknownClass(spec, pool, policy);
    refuseBeyondLimit(spec, pool, policy);
    return [pool];
  });
}

function refuseUnknownClass(
  { priority = DEFAULT_PRIORITY }: PipelineSpec,
  pool: string,
  { priorities }: PoolPolicy,
): void {
  if (Object.hasOwn(priorities, priority)) return;
  throw new VitrineError('InvalidSpec', `Pool ${pool} has no such class of priority.`, {
    where: 'priority',
    expected: `one of ${Object.keys(priorities).join(', ')}`,
    actual: priority,
  });
}

function refuseBeyondLimit({ stages, project }: PipelineSpec, pool: string, policy: PoolPolicy): void {
  const { limit } = policy.projects[project] ?? policy.others;
  if (limit === undefined) return;
  for (const [name, stage] of Object.entries(stages))
    if (stage.pool === pool && stage.resources.devices > limit)
      throw new VitrineError('InvalidSpec', 'A stage wants more devices than its project may ever hold.', {
        where: `stages.${name}.resources.devices`,
        expected: `at most ${limit}, the limit of project ${project} in pool ${pool}`,
        actual: String(stage.resources.devices),
        hint: `Ask for fewer, or raise the limit in the pool's policy (\`vitrine pools set ${pool} FILE\`).`,
      });
}
