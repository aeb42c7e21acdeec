import type { PipelineSpec } from '@vitrine/contracts';
import { byName } from './by-name.js';
import { dependentsOf, needs, planOrder } from './stage-order.js';

/**
 * Which stages of a run may begin now, and which never will. The answers of `readyStages` and `blockedStages`, at the cost of
 * what has changed since they were asked for last: a run of a thousand stages asks a thousand times.
 */
export class StageFrontier {
  /** Place of each stage in the plan. */
  private readonly place: ReadonlyMap<string, number>;
  private readonly dependents: ReadonlyMap<string, readonly string[]>;
  /** Needs of each waiting stage that have not succeeded; a stage that has begun, or never will, is no longer here. */
  private readonly open = new Map<string, number>();
  private readonly lost: string[] = [];
  private ready: string[] = [];

  /** @throws RangeError when the needs form a cycle */
  constructor(spec: Pick<PipelineSpec, 'stages'>) {
    const order = planOrder(spec);
    this.place = new Map(order.map((stage, index) => [stage, index]));
    this.dependents = dependentsOf(spec);
    for (const stage of order) {
      const { length } = needs(spec, stage);
      this.open.set(stage, length);
      if (length === 0) this.ready.push(stage);
    }
  }

  succeeded(stage: string): void {
    for (const dependent of this.dependents.get(stage) ?? []) {
      const open = this.open.get(dependent);
      if (open === undefined) continue;
      this.open.set(dependent, open - 1);
      if (open === 1) this.ready.push(dependent);
    }
  }

  /** Failed, cancelled or skipped: it gives nothing. */
  gaveNothing(stage: string): void {
    this.lost.push(stage);
  }

  /** Stages whose needs have all succeeded, by name; each is told once. */
  takeReady(): string[] {
    const ready = this.ready.filter((stage) => this.open.delete(stage));
    this.ready = [];
    return ready.sort(byName);
  }

  /** Waiting stages that need, directly or not, one that gave nothing; in the order of the plan, each once. */
  takeBlocked(): string[] {
    const blocked: string[] = [];
    for (let lost = this.lost.pop(); lost !== undefined; lost = this.lost.pop())
      for (const dependent of this.dependents.get(lost) ?? [])
        if (this.open.delete(dependent)) {
          blocked.push(dependent);
          this.lost.push(dependent);
        }
    return blocked.sort((a, b) => (this.place.get(a) ?? 0) - (this.place.get(b) ?? 0));
  }
}
