import type { PoolState } from '@vitrine/contracts';
import { PoolAllocator } from './pool-allocator.js';

/** What runs longer than its like is expected to end this soon, again and again. */
const OVERDUE_MILLISECONDS = 1000;

/**
 * When each of those who wait would begin if every stage took as long as its kind does on average and nobody else came.
 * @returns milliseconds since 1970 by id; who waits behind a stage of an unknown kind is not in it
 */
export function expectStarts(state: PoolState, now: number): Map<string, number> {
  const allocator = new PoolAllocator({
    ...state,
    policy: { ...state.policy, preemption: { ...state.policy.preemption, mode: 'never' } },
  });
  const end = (kind: string, from: number, at: number): number | undefined => {
    const seconds = state.kinds[kind];
    return seconds === undefined ? undefined : Math.max(from + seconds * 1000, at + OVERDUE_MILLISECONDS);
  };
  const ends = new Ends();
  for (const { id, kind, grantedAt } of state.leases) ends.add(id, end(kind, grantedAt, now));
  const starts = new Map<string, number>();
  for (let time = now; ;) {
    for (const { id, kind } of allocator.decide(time).granted) {
      starts.set(id, time);
      ends.add(id, end(kind, time, time));
    }
    const next = ends.takeFirst();
    if (!next || starts.size === state.waiting.length) return starts;
    time = next.at;
    allocator.release(next.id, time);
  }
}

/** Ends of leases, the first one first. */
class Ends {
  private readonly ends: { id: string; at: number }[] = [];

  add(id: string, at: number | undefined): void {
    if (at === undefined) return;
    let low = 0;
    for (let high = this.ends.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle]?.at ?? Infinity) > at) low = middle + 1;
      else high = middle;
    }
    this.ends.splice(low, 0, { id, at });
  }

  takeFirst(): { id: string; at: number } | undefined {
    return this.ends.pop();
  }
}
