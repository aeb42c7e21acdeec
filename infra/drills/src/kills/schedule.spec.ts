import { describe, expect, it } from 'vitest';
import { FAULTS, scheduleOf } from './schedule.js';

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

describe('the schedule of a drill', () => {
  it('is the same each time that its seed is', () => {
    for (const seed of seeds) expect(scheduleOf(seed)).toEqual(scheduleOf(seed));
    expect(new Set(seeds.map((seed) => JSON.stringify(scheduleOf(seed)))).size).toBe(seeds.length);
  });

  it('strikes in order, and in seven runs each kind comes first once', () => {
    for (const seed of seeds) {
      const after = scheduleOf(seed).map((fault) => fault.after);
      expect(after).toEqual([...after].sort((a, b) => a - b));
    }
    const first = seeds.slice(0, FAULTS.length).map((seed) => scheduleOf(seed)[0]?.kind);
    expect(new Set(first)).toEqual(new Set(FAULTS));
  });
});
