import { slugSchema } from '@vitrine/contracts';
import { DEFAULT_POOL } from '@vitrine/contracts/names';
import { z } from 'zod';
import type { Host } from './host.js';
import type { NativeFile } from './state-files.js';
import type { Environment } from './variables.js';

export const DEFAULT_THREADS = 2;

export const poolSchema = z.strictObject({
  /** Stages this worker runs at a time. */
  slots: z.int().min(1).max(256).default(1),
  /** Threads of one stage. Part of the numerics profile: results are byte-identical for an equal number only. */
  threads: z.int().min(1).max(1024).default(DEFAULT_THREADS),
  device: z.enum(['cpu', 'cuda']).default('cpu'),
});

export const poolsSchema = z
  .record(slugSchema, poolSchema)
  .refine((pools) => Object.keys(pools).length > 0, 'expected at least one pool');

export type PoolConfig = z.infer<typeof poolSchema>;
export type PoolsConfig = Readonly<Record<string, PoolConfig>>;

interface Surroundings {
  readonly env: Environment;
  readonly host: Pick<Host, 'cores' | 'countGpus'>;
  readonly native: NativeFile | undefined;
}

/**
 * The pool of a machine that has no pools configured: a slot per GPU that answers and that the native parts can use,
 * else as many two-thread slots as there are processors for.
 */
export function defaultPools({ env, host, native }: Surroundings): PoolsConfig {
  const gpus = native?.libtensorflow.device === 'cpu' ? 0 : visibleGpus(env, host);
  const pool: PoolConfig =
    gpus > 0
      ? { slots: gpus, threads: DEFAULT_THREADS, device: 'cuda' }
      : {
          slots: Math.max(1, Math.floor(host.cores / DEFAULT_THREADS)),
          threads: DEFAULT_THREADS,
          device: 'cpu',
        };
  return { [DEFAULT_POOL]: pool };
}

function visibleGpus(env: Environment, host: Pick<Host, 'countGpus'>): number {
  // Set but empty means none, by CUDA's own rule; so does a list that begins with -1.
  const mask = env['CUDA_VISIBLE_DEVICES'];
  if (mask === undefined) return host.countGpus();
  const named = mask.split(',').map((entry) => entry.trim());
  const end = named.findIndex((entry) => entry === '' || entry === '-1');
  const allowed = end < 0 ? named.length : end;
  return allowed === 0 ? 0 : Math.min(allowed, host.countGpus());
}
