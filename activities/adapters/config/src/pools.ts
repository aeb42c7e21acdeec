import { numericsChoiceSchema, slugSchema } from '@vitrine/contracts';
import { DEFAULT_POOL } from '@vitrine/contracts/names';
import { z } from 'zod';
import type { Host } from './host.js';
import type { NativeFile } from './state-files.js';
import type { Environment } from './variables.js';

export const DEFAULT_THREADS = 2;

export const poolSchema = z
  .strictObject({
    /** Stages this worker runs at a time. */
    slots: z.int().min(1).max(256).default(1),
    /** Threads of one stage. Part of the numerics profile: results are byte-identical for an equal number only. */
    threads: numericsChoiceSchema.shape.threads.default(DEFAULT_THREADS),
    /** Of matrix products. Part of the numerics profile. */
    precision: numericsChoiceSchema.shape.precision.default('float32'),
    /** `eager` runs operation by operation, for looking into what goes wrong. Part of the numerics profile. */
    execution: numericsChoiceSchema.shape.execution.default('captured'),
    device: z.enum(['cpu', 'cuda']).default('cpu'),
  })
  .refine(({ precision, execution }) => precision === 'float32' || execution === 'captured', {
    path: ['precision'],
    error: ({ input }) =>
      `expected float32 with execution: eager, got ${(input as { precision: string }).precision}, which only a graph can use`,
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
  const pool: z.input<typeof poolSchema> =
    gpus > 0
      ? { slots: gpus, device: 'cuda' }
      : { slots: Math.max(1, Math.floor(host.cores / DEFAULT_THREADS)), device: 'cpu' };
  return { [DEFAULT_POOL]: poolSchema.parse(pool) };
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
