import type { Environment, PoolsConfig } from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';

/**
 * Deals the GPUs of this machine out to its pools, each slot one of its own, in the order of the pools' names.
 * @param countGpus asked only when a pool wants GPUs
 * @returns what CUDA calls the GPUs of each pool
 * @throws VitrineError InvalidConfig when there are fewer than the pools want
 */
export function dealGpus(
  pools: PoolsConfig,
  env: Environment,
  countGpus: () => number,
): ReadonlyMap<string, readonly string[]> {
  const wanting = Object.entries(pools)
    .filter(([, { device }]) => device === 'cuda')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (wanting.length === 0) return new Map();
  const wanted = wanting.reduce((sum, [, { slots }]) => sum + slots, 0);
  const names = visibleGpus(env) ?? Array.from({ length: countGpus() }, (_, index) => String(index));
  if (wanted > names.length)
    throw new VitrineError('InvalidConfig', 'The pools want more GPUs than there are.', {
      where: `pools ${wanting.map(([name]) => name).join(', ')}`,
      expected: `at most ${names.length} slots on cuda pools`,
      actual: String(wanted),
      hint: 'Lower `slots` of the cuda pools, or make more GPUs visible with CUDA_VISIBLE_DEVICES.',
    });
  let dealt = 0;
  return new Map(
    wanting.map(([name, { slots }]) => {
      const own = names.slice(dealt, dealt + slots);
      dealt += slots;
      return [name, own];
    }),
  );
}

/** By CUDA's rule the list ends at the first entry that is no device. */
function visibleGpus(env: Environment): string[] | undefined {
  const mask = env['CUDA_VISIBLE_DEVICES'];
  if (mask === undefined) return undefined;
  const names = mask.split(',').map((name) => name.trim());
  const end = names.findIndex((name) => name === '' || name.startsWith('-'));
  return end < 0 ? names : names.slice(0, end);
}
