import type { PoolAsk, PoolLease, PoolState, PoolView, WaitingForPool, WaitReason } from '@vitrine/contracts';
import { byName } from '../by-name.js';
import { expectStarts } from './expect-starts.js';
import type { PoolAllocator } from './pool-allocator.js';

const SHOWN = 1000;
const HOLDERS_SHOWN = 10;

/** What a pool is doing, and why who waits does. */
export function poolView(allocator: PoolAllocator, { pool, now }: { pool: string; now: number }): PoolView {
  const state = allocator.snapshot();
  const waiting = allocator.waitingInOrder(now);
  const starts = expectStarts(state, now);
  const { accounts } = allocator;
  const projects = new Set([
    ...accounts.projects(),
    ...Object.keys(state.policy.projects),
    ...waiting.map(({ project }) => project),
  ]);
  return {
    pool,
    policy: state.policy,
    workers: state.workers.map((worker) => ({
      worker: worker.name,
      devices: worker.devices,
      held: worker.devices - allocator.freeOn(worker),
      draining: worker.draining,
      seenAt: iso(worker.seenAt),
    })),
    held: state.leases.map((lease) => ({
      ...holder(lease),
      worker: lease.worker,
      priority: state.policy.priorities[lease.priority] ?? 0,
      since: iso(lease.grantedAt),
      safeSince: iso(lease.safeAt),
      yielding: lease.yieldsFor !== undefined,
    })),
    waiting: waiting.slice(0, SHOWN).map((ask, index): WaitingForPool => {
      const reason = reasonOf(ask, allocator, { state, now });
      const start = starts.get(ask.id);
      const heldBy = blockers(ask, reason, state.leases);
      return {
        ...holder(ask),
        priority: state.policy.priorities[ask.priority] ?? 0,
        since: iso(ask.askedAt),
        position: index + 1,
        reason,
        why: sentence(ask, reason),
        heldBy: heldBy.slice(0, HOLDERS_SHOWN).map(holder),
        ...(start !== undefined && { expectedAt: iso(start) }),
      };
    }),
    waitingTotal: waiting.length,
    projects: [...projects].sort(byName).map((project) => {
      const { used, lost } = accounts.useOf(project, now);
      return {
        project,
        held: accounts.held(project),
        waiting: waiting.filter((ask) => ask.project === project).length,
        usedDeviceSeconds: used,
        lostDeviceSeconds: lost,
        share: accounts.shareOf(project, now),
      };
    }),
  };
}

function reasonOf(
  ask: PoolAsk,
  allocator: PoolAllocator,
  { state, now }: { state: PoolState; now: number },
): WaitReason {
  const { accounts } = allocator;
  const { limit, budgetDeviceSeconds } = accounts.entitlement(ask.project);
  if (budgetDeviceSeconds !== undefined && accounts.isBeyondBudget(ask.project, now))
    return { code: 'budget', budget: budgetDeviceSeconds, used: accounts.useOf(ask.project, now).used };
  if (limit !== undefined && accounts.wouldBeBeyondLimit(ask))
    return { code: 'limit', limit, held: accounts.held(ask.project) };
  const workers = state.workers.filter(({ draining }) => !draining);
  if (workers.length === 0) return { code: 'noWorker' };
  const fitting = allocator.fitting(ask);
  if (fitting.length === 0)
    return { code: 'tooLarge', largestWorker: Math.max(...workers.map(({ devices }) => devices)) };
  if (state.leases.some(({ yieldsFor }) => yieldsFor === ask.id)) return { code: 'yielding' };
  const free = fitting.filter((worker) => allocator.freeOn(worker) >= ask.devices);
  for (const { name } of free) {
    const keptFor = allocator.keptFor(name);
    if (keptFor && keptFor.id !== ask.id) return { code: 'kept', for: holder(keptFor) };
  }
  return { code: 'busy', free: Math.max(...fitting.map((worker) => allocator.freeOn(worker))) };
}

function sentence({ devices, project }: PoolAsk, reason: WaitReason): string {
  const wanted = devices === 1 ? 'a device' : `${devices} devices`;
  switch (reason.code) {
    case 'noWorker':
      return 'No worker serves the pool, or all of them drain.';
    case 'tooLarge':
      return `It wants ${wanted}, and the largest worker of the pool has ${reason.largestWorker}.`;
    case 'limit':
      return `Project ${project} holds ${reason.held} of the ${reason.limit} devices it may hold, and it wants ${wanted}.`;
    case 'budget':
      return `Project ${project} has used its budget: ${Math.round(reason.used)} of ${reason.budget} device-seconds.`;
    case 'kept':
      return `Devices are free and kept for run ${reason.for.runId}, stage ${reason.for.stage}, which is before it.`;
    case 'yielding':
      return 'Others store a checkpoint and give their devices up for it.';
    case 'busy':
      return `It wants ${wanted}, and ${reason.free === 0 ? 'none is' : `at most ${reason.free} on one worker are`} free.`;
  }
}

/** Longest held first. */
function blockers(ask: PoolAsk, { code }: WaitReason, leases: readonly PoolLease[]): PoolLease[] {
  if (code === 'noWorker' || code === 'tooLarge' || code === 'budget' || code === 'kept') return [];
  const held =
    code === 'limit'
      ? leases.filter(({ project }) => project === ask.project)
      : code === 'yielding'
        ? leases.filter(({ yieldsFor }) => yieldsFor === ask.id)
        : [...leases];
  return held.sort((a, b) => a.grantedAt - b.grantedAt);
}

function holder({ project, runId, stage, devices }: PoolAsk) {
  return { project, runId, stage, devices };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
