import type { PoolsConfig } from '@vitrine/config';
import { VitrineError, type PipelineSpec } from '@vitrine/contracts';

/**
 * What would fail on every worker is refused before anything runs. A pool that is not known here may be served elsewhere, and a
 * stage waits for it.
 * @throws VitrineError InvalidSpec naming the fields
 */
export function refuseTooManyDevices({ stages }: PipelineSpec, pools: PoolsConfig): void {
  const wrong = Object.entries(stages).flatMap(
    ([
      name,
      {
        pool,
        resources: { devices },
      },
    ]) => {
      const slots = Object.hasOwn(pools, pool) ? pools[pool]?.slots : undefined;
      return slots !== undefined && devices > slots ? [{ name, pool, devices, slots }] : [];
    },
  );
  if (wrong.length === 0) return;
  throw new VitrineError('InvalidSpec', 'A stage wants more devices than its pool has.', {
    where: wrong.map(({ name }) => `stages.${name}.resources.devices`).join(', '),
    expected: wrong.map(({ pool, slots }) => `at most the ${slots} of pool ${pool}`).join(', '),
    actual: wrong.map(({ devices }) => String(devices)).join(', '),
    hint: 'Ask for fewer, or for a pool with more; `pools` of vitrine.yaml says what there is.',
  });
}
