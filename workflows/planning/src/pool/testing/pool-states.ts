import { poolPolicySchema, type PoolAsk, type PoolPolicy, type PoolState } from '@vitrine/contracts';
import type { z } from 'zod';

export const policyOf = (policy: z.input<typeof poolPolicySchema> = {}): PoolPolicy =>
  poolPolicySchema.parse(policy);

/** A pool with idle workers, by their devices. */
export function poolOf(
  workers: Readonly<Record<string, number>>,
  policy: z.input<typeof poolPolicySchema> = {},
): PoolState {
  return {
    policy: policyOf(policy),
    workers: Object.entries(workers).map(([name, devices]) => ({
      name,
      devices,
      draining: false,
      seenAt: 0,
    })),
    leases: [],
    waiting: [],
    projects: {},
    kinds: {},
  };
}

/** An ask of project a for one device at time 0, but for what is given. */
export function askOf(id: string, fields: Partial<PoolAsk> = {}): PoolAsk {
  return {
    id,
    workflowId: `a/run-1/${id}`,
    project: 'a',
    runId: 'run-1',
    stage: id,
    kind: 'train',
    devices: 1,
    priority: 'normal',
    askedAt: 0,
    avoid: [],
    ...fields,
  };
}
