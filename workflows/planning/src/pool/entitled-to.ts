import type { PoolAsk, PoolLease, PoolPolicy } from '@vitrine/contracts';
import type { ProjectAccounts } from './project-accounts.js';

/** A class's number; one that the policy no longer has is served last. */
export function rankOf({ priorities }: PoolPolicy, { priority }: Pick<PoolAsk, 'priority'>): number {
  return priorities[priority] ?? 0;
}

/**
 * Whose devices a stage may have: of a lower class, or held beyond a guarantee while its own project is within its.
 * @returns a question to be asked once for each lease; a yes counts against the project that loses it
 */
export function entitledTo(
  ask: PoolAsk,
  { policy, accounts, now }: { policy: PoolPolicy; accounts: ProjectAccounts; now: number },
): (lease: PoolLease) => boolean {
  const taken = new Map<string, number>();
  const { guaranteed } = accounts.entitlement(ask.project);
  const within = accounts.held(ask.project) + ask.devices <= guaranteed;
  return (lease) => {
    const { project, devices } = lease;
    if (lease.yieldsFor !== undefined) return false;
    if (now - lease.grantedAt < policy.preemption.minimumRunSeconds * 1000) return false;
    const before = taken.get(project) ?? 0;
    const left = accounts.held(project) - before - devices;
    const borrowed = project !== ask.project && left >= accounts.entitlement(project).guaranteed;
    if (rankOf(policy, lease) >= rankOf(policy, ask) && !(within && borrowed)) return false;
    taken.set(project, before + devices);
    return true;
  };
}
