import type { PoolAsk, PoolLease, PoolPolicy, PoolState, PoolWorker, WorkerReport } from '@vitrine/contracts';
import { byName } from '../by-name.js';
import { chooseVictims, lossOf, type Victims } from './choose-victims.js';
import { entitledTo, rankOf } from './entitled-to.js';
import { ProjectAccounts } from './project-accounts.js';
import { WaitingLine } from './waiting-line.js';

/** What is to be told to those who asked. */
export interface Decision {
  readonly granted: readonly PoolLease[];
  readonly yielding: readonly PoolLease[];
}

/** A worker that has said nothing for so long is gone, and its leases with it: longer than a stage's own heartbeat. */
export const WORKER_GONE_SECONDS = 60;
/** Reports of a worker in a row without a lease that it should hold, after which there is no such lease. */
export const UNSEEN_REPORTS = 4;
/** For whom a lease is given up whose project has used its budget; no ask has such an id. */
export const FOR_BUDGET = 'budget';
/** How much of what a kind has taken so far counts beside the last one. */
const KIND_MEMORY = 0.8;

/**
 * Gives the devices of a pool to stages that ask: whole, all that a stage asks for on one worker or none. Served first is the
 * higher priority class, then the project that holds least for its weight, now and in the recent past, then who asked first.
 * All of it is computed from what it is told, so that a workflow that replays decides alike.
 */
export class PoolAllocator {
  readonly accounts: ProjectAccounts;
  private readonly workers = new Map<string, PoolWorker>();
  private readonly leases = new Map<string, PoolLease>();
  private readonly line = new WaitingLine();
  private readonly kinds = new Map<string, number>();
  private readonly heldOn = new Map<string, number>();
  /** Workers whose free devices are kept for a stage, as of the last decision. */
  private kept = new Map<string, PoolAsk>();

  constructor(state: PoolState) {
    this.policy = state.policy;
    this.accounts = new ProjectAccounts(state.policy, state.projects);
    for (const worker of state.workers) this.workers.set(worker.name, { ...worker });
    for (const lease of state.leases) {
      this.leases.set(lease.id, { ...lease });
      this.count(lease, lease.devices);
      this.accounts.restore(lease.project, lease.devices);
    }
    for (const ask of state.waiting) this.line.add(ask);
    for (const [kind, seconds] of Object.entries(state.kinds)) this.kinds.set(kind, seconds);
  }

  policy: PoolPolicy;

  snapshot(): PoolState {
    return {
      policy: this.policy,
      workers: [...this.workers.values()].map((worker) => ({ ...worker })),
      leases: [...this.leases.values()].map((lease) => ({ ...lease })),
      waiting: this.line.all(),
      projects: this.accounts.toJson(),
      kinds: Object.fromEntries(this.kinds),
    };
  }

  setPolicy(policy: PoolPolicy, now: number): void {
    this.accounts.setPolicy(policy, now);
    this.policy = policy;
  }

  ask(ask: PoolAsk): void {
    if (!this.leases.has(ask.id)) this.line.add(ask);
  }

  /** A stage that has ended, gives its devices back or no longer waits. One that is not known may come too late. */
  release(id: string, now: number): void {
    if (this.line.remove(id)) return;
    const lease = this.leases.get(id);
    if (!lease) return;
    this.letGo(lease, now);
    if (lease.yieldsFor === undefined) this.remember(lease, now);
  }

  /** @returns leases that the worker should hold and does not know; they are no more */
  report({ worker: name, devices, leases, leaving }: WorkerReport, now: number): PoolLease[] {
    const draining = leaving || (this.workers.get(name)?.draining ?? false);
    this.workers.set(name, { name, devices, draining, seenAt: now });
    const lost: PoolLease[] = [];
    for (const lease of this.leasesOn(name)) {
      const safeAt = leases[lease.id];
      if (safeAt === undefined) {
        lease.unseen += 1;
        if (lease.unseen >= UNSEEN_REPORTS) lost.push(lease);
      } else {
        lease.unseen = 0;
        lease.safeAt = Math.max(lease.safeAt, safeAt);
      }
    }
    for (const lease of lost) this.lose(lease, now);
    return lost;
  }

  /** A worker that drains keeps what it has and takes no more. */
  drain(name: string, draining: boolean): void {
    const worker = this.workers.get(name);
    if (worker) worker.draining = draining;
  }

  /** Forgets workers that have been silent for too long. @returns their leases */
  expire(now: number): PoolLease[] {
    const lost: PoolLease[] = [];
    for (const { name, seenAt } of [...this.workers.values()]) {
      if (now - seenAt <= WORKER_GONE_SECONDS * 1000) continue;
      this.workers.delete(name);
      lost.push(...this.leasesOn(name));
    }
    for (const lease of lost) this.lose(lease, now);
    return lost;
  }

  /** Gives out what is free, and asks for more where somebody is entitled to it. */
  decide(now: number): Decision {
    const granted: PoolLease[] = [];
    for (let lease = this.grantOne(now); lease; lease = this.grantOne(now)) granted.push(lease);
    return { granted, yielding: [...this.overBudget(now), ...this.askForMore(now)] };
  }

  /** Those who wait, in the order in which they would be served if all fitted. */
  waitingInOrder(now: number): PoolAsk[] {
    return this.inOrder(
      this.line.all().map((ask, number) => ({ ask, number })),
      now,
    ).map(({ ask }) => ask);
  }

  freeOn({ name, devices }: PoolWorker): number {
    return devices - (this.heldOn.get(name) ?? 0);
  }

  /** For whom a worker's free devices are kept, as of the last decision. */
  keptFor(worker: string): PoolAsk | undefined {
    return this.kept.get(worker);
  }

  /** Workers that could have it if they were idle. */
  fitting({ devices, avoid }: PoolAsk): PoolWorker[] {
    const large = [...this.workers.values()].filter(
      (worker) => !worker.draining && worker.devices >= devices,
    );
    const others = large.filter(({ name }) => !avoid.includes(name));
    // Who failed it everywhere is tried again: there is nobody else.
    return others.length > 0 ? others : large;
  }

  /** Leases of a worker that it is to give up. */
  yieldsOn(worker: string): PoolLease[] {
    return this.leasesOn(worker).filter(({ yieldsFor }) => yieldsFor !== undefined);
  }

  private leasesOn(worker: string): PoolLease[] {
    return [...this.leases.values()].filter((lease) => lease.worker === worker);
  }

  private grantOne(now: number): PoolLease | undefined {
    this.kept = new Map();
    for (const { ask } of this.inOrder(this.line.heads(), now)) {
      if (!this.accounts.mayHave(ask, now)) continue;
      const fitting = this.fitting(ask).filter(({ name }) => !this.kept.has(name));
      const free = fitting.filter((worker) => this.freeOn(worker) >= ask.devices);
      // The fullest that has enough: large gaps are left for those who want several.
      const [best] = free.sort((a, b) => this.freeOn(a) - this.freeOn(b) || byName(a.name, b.name));
      if (best) return this.grant(ask, best, now);
      const keeper = this.keeperFor(ask, fitting, now);
      if (keeper) this.kept.set(keeper.name, ask);
    }
    return undefined;
  }

  /** The worker whose devices nobody behind the stage may have: it is being emptied for it, or it has waited for long enough. */
  private keeperFor(ask: PoolAsk, fitting: readonly PoolWorker[], now: number): PoolWorker | undefined {
    const emptied = [...this.leases.values()].find(({ yieldsFor }) => yieldsFor === ask.id);
    if (emptied) return fitting.find(({ name }) => name === emptied.worker);
    if (now - ask.askedAt < this.policy.patienceSeconds * 1000) return undefined;
    return [...fitting].sort((a, b) => this.freeOn(b) - this.freeOn(a) || byName(a.name, b.name))[0];
  }

  private inOrder<T extends { ask: PoolAsk; number: number }>(asks: readonly T[], now: number): T[] {
    const shares = new Map<string, number>();
    for (const { ask } of asks)
      if (!shares.has(ask.project)) shares.set(ask.project, this.accounts.shareOf(ask.project, now));
    const share = ({ project }: PoolAsk): number => shares.get(project) ?? 0;
    return [...asks].sort(
      (a, b) =>
        rankOf(this.policy, b.ask) - rankOf(this.policy, a.ask) ||
        share(a.ask) - share(b.ask) ||
        a.number - b.number,
    );
  }

  private grant(ask: PoolAsk, { name }: PoolWorker, now: number): PoolLease {
    this.line.remove(ask.id);
    const lease: PoolLease = { ...ask, worker: name, grantedAt: now, safeAt: now, unseen: 0 };
    this.leases.set(lease.id, lease);
    this.count(lease, lease.devices);
    this.accounts.change(lease.project, lease.devices, now);
    return lease;
  }

  private overBudget(now: number): PoolLease[] {
    const over = [...this.leases.values()].filter(
      ({ project, yieldsFor }) => yieldsFor === undefined && this.accounts.isBeyondBudget(project, now),
    );
    for (const lease of over) lease.yieldsFor = FOR_BUDGET;
    return over;
  }

  private askForMore(now: number): PoolLease[] {
    if (this.policy.preemption.mode === 'never') return [];
    const asked: PoolLease[] = [];
    const served = new Set([...this.leases.values()].map(({ yieldsFor }) => yieldsFor));
    for (const { ask } of this.inOrder(this.line.heads(), now)) {
      if (served.has(ask.id) || !this.accounts.mayHave(ask, now)) continue;
      for (const lease of this.victimsFor(ask, now)?.leases ?? []) {
        lease.yieldsFor = ask.id;
        this.kept.set(lease.worker, ask);
        asked.push(lease);
      }
    }
    return asked;
  }

  /** On the worker where least is lost. */
  private victimsFor(ask: PoolAsk, now: number): Victims | undefined {
    const { policy, accounts } = this;
    let best: Victims | undefined;
    for (const worker of this.fitting(ask)) {
      if (this.kept.has(worker.name)) continue;
      const victims = chooseVictims(this.leasesOn(worker.name), {
        wanted: ask.devices - this.freeOn(worker),
        now,
        mayTake: entitledTo(ask, { policy, accounts, now }),
      });
      if (victims && (!best || victims.lostDeviceSeconds < best.lostDeviceSeconds)) best = victims;
    }
    return best;
  }

  private letGo(lease: PoolLease, now: number): void {
    this.leases.delete(lease.id);
    this.count(lease, -lease.devices);
    this.accounts.change(lease.project, -lease.devices, now);
  }

  private lose(lease: PoolLease, now: number): void {
    this.letGo(lease, now);
    this.accounts.lose(lease.project, lossOf(lease, now), now);
  }

  private count({ worker }: PoolLease, change: number): void {
    this.heldOn.set(worker, (this.heldOn.get(worker) ?? 0) + change);
  }

  private remember({ kind, grantedAt }: PoolLease, now: number): void {
    const seconds = Math.max(0, now - grantedAt) / 1000;
    const before = this.kinds.get(kind);
    this.kinds.set(kind, before === undefined ? seconds : KIND_MEMORY * before + (1 - KIND_MEMORY) * seconds);
  }
}
