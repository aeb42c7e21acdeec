import type { PoolAsk, PoolPolicy, PoolState, ProjectShare, ProjectUse } from '@vitrine/contracts';
import { averageHeld, NO_USE, useAt } from './project-use.js';

/**
 * How much a device held in the past counts beside one held now. What is held now comes in whole devices: at 1, three projects of weights 1, 2 and 4 on
 * four devices would stay at what rounds best, however long; the more this is, the nearer the long run comes to the weights, and the longer a newcomer goes first.
 */
const PAST = 4;

/** What each project holds of a pool, has used of it, and may have. */
export class ProjectAccounts {
  private readonly uses: Map<string, ProjectUse>;
  private readonly holding = new Map<string, number>();

  constructor(
    private policy: PoolPolicy,
    uses: PoolState['projects'],
  ) {
    this.uses = new Map(Object.entries(uses));
  }

  /** What was used so far faded by the rule of its time. */
  setPolicy(policy: PoolPolicy, now: number): void {
    for (const project of this.uses.keys()) this.settle(project, now);
    this.policy = policy;
  }

  toJson(): PoolState['projects'] {
    return Object.fromEntries(this.uses);
  }

  projects(): string[] {
    return [...this.uses.keys()];
  }

  /** @param change devices that it gets, or that it gives back when negative */
  change(project: string, change: number, now: number): void {
    this.settle(project, now);
    this.restore(project, change);
  }

  /** What it held already when its use was written down. */
  restore(project: string, devices: number): void {
    this.holding.set(project, this.held(project) + devices);
  }

  lose(project: string, deviceSeconds: number, now: number): void {
    const use = this.useOf(project, now);
    this.uses.set(project, { ...use, lost: use.lost + deviceSeconds });
  }

  held(project: string): number {
    return this.holding.get(project) ?? 0;
  }

  entitlement(project: string): ProjectShare {
    return this.policy.projects[project] ?? this.policy.others;
  }

  useOf(project: string, now: number): ProjectUse {
    const use = this.uses.get(project) ?? { ...NO_USE, at: now };
    const { halfLifeSeconds } = this.policy;
    return useAt(use, { held: this.held(project), now, halfLifeSeconds });
  }

  /** Devices held now, and `PAST` times those held on average within a half-life, by weight. */
  shareOf(project: string, now: number): number {
    const average = averageHeld(this.useOf(project, now), this.policy.halfLifeSeconds);
    return (this.held(project) + PAST * average) / this.entitlement(project).weight;
  }

  isBeyondBudget(project: string, now: number): boolean {
    const { budgetDeviceSeconds } = this.entitlement(project);
    return budgetDeviceSeconds !== undefined && this.useOf(project, now).used >= budgetDeviceSeconds;
  }

  wouldBeBeyondLimit({ project, devices }: PoolAsk): boolean {
    const { limit } = this.entitlement(project);
    return limit !== undefined && this.held(project) + devices > limit;
  }

  mayHave(ask: PoolAsk, now: number): boolean {
    return !this.wouldBeBeyondLimit(ask) && !this.isBeyondBudget(ask.project, now);
  }

  private settle(project: string, now: number): void {
    this.uses.set(project, this.useOf(project, now));
  }
}
