import type { PoolAsk, PoolLease } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolAllocator } from './pool-allocator.js';
import { askOf, poolOf } from './testing/pool-states.js';

const WORKERS = { one: 1, two: 2, eight: 8 };

const someAsk = fc.record({
  project: fc.constantFrom('a', 'b', 'c'),
  devices: fc.integer({ min: 1, max: 8 }),
  priority: fc.constantFrom('low', 'normal', 'high'),
  avoid: fc.subarray(Object.keys(WORKERS)),
});
const policy = fc.record({
  projects: fc.record({
    a: fc.record({ guaranteed: fc.integer({ min: 0, max: 4 }), weight: fc.constantFrom(1, 2) }),
    b: fc.record({ limit: fc.integer({ min: 0, max: 8 }) }),
  }),
  preemption: fc.record({
    mode: fc.constantFrom('never' as const, 'allowed' as const),
    minimumRunSeconds: fc.constantFrom(0, 30),
  }),
  patienceSeconds: fc.constantFrom(0, 60),
});
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('ask' as const), ask: someAsk }),
    fc.record({ type: fc.constant('end' as const), pick: fc.nat() }),
    fc.record({ type: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 59 }) }),
    fc.record({
      type: fc.constant('drain' as const),
      worker: fc.constantFrom(...Object.keys(WORKERS)),
      draining: fc.boolean(),
    }),
  ),
  { maxLength: 60 },
);

/** Plays steps, and shows the allocator after each decision. */
function play(
  start: Parameters<typeof poolOf>[1],
  script: typeof steps extends fc.Arbitrary<infer Script> ? Script : never,
  look: (
    allocator: PoolAllocator,
    seen: { now: number; granted: readonly PoolLease[] },
  ) => PoolAllocator | void,
): { allocator: PoolAllocator; now: number } {
  let allocator = new PoolAllocator(poolOf(WORKERS, start));
  let now = 0;
  let asked = 0;
  for (const step of script) {
    const { leases } = allocator.snapshot();
    if (step.type === 'ask') allocator.ask(askOf(`ask-${asked++}`, { ...step.ask, askedAt: now }));
    else if (step.type === 'wait') now += step.seconds * 1000;
    else if (step.type === 'drain') allocator.drain(step.worker, step.draining);
    else if (leases.length > 0) allocator.release(leases[step.pick % leases.length]?.id ?? '', now);
    const { granted } = allocator.decide(now);
    allocator = look(allocator, { now, granted }) ?? allocator;
  }
  return { allocator, now };
}

const sum = (leases: readonly PoolLease[]): number =>
  leases.reduce((total, { devices }) => total + devices, 0);

describe('an allocator of a pool', () => {
  it('never gives out a device twice, nor more to a project than its limit, whatever happens', () => {
    fc.assert(
      fc.property(policy, steps, (start, script) => {
        play(start, script, (allocator) => {
          const { leases, workers } = allocator.snapshot();
          for (const { name, devices } of workers)
            expect(sum(leases.filter(({ worker }) => worker === name))).toBeLessThanOrEqual(devices);
          expect(sum(leases.filter(({ project }) => project === 'b'))).toBeLessThanOrEqual(
            start.projects.b.limit,
          );
        });
      }),
    );
  });

  it('leaves no device idle that somebody who waits may have, unless it is kept for somebody before', () => {
    fc.assert(
      fc.property(policy, steps, (start, script) => {
        play(start, script, (allocator, { now }) => {
          const idle = (ask: PoolAsk): string[] =>
            allocator
              .fitting(ask)
              .filter((worker) => allocator.freeOn(worker) >= ask.devices && !allocator.keptFor(worker.name))
              .map(({ name }) => name);
          for (const ask of allocator.snapshot().waiting)
            if (allocator.accounts.mayHave(ask, now)) expect(idle(ask)).toEqual([]);
        });
      }),
    );
  });

  it('serves nobody of a lower class with what a higher one that may have it could use', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const rank: Record<string, number> = { low: 0, normal: 1, high: 2 };
        play({}, script, (allocator, { granted }) => {
          for (const lease of granted)
            for (const ask of allocator.snapshot().waiting)
              if ((rank[ask.priority] ?? 0) > (rank[lease.priority] ?? 0))
                expect(
                  allocator.fitting(ask).some(({ name }) => name === lease.worker) &&
                    ask.devices <= lease.devices,
                ).toBe(false);
        });
      }),
    );
  });

  it('goes on alike in another history', () => {
    fc.assert(
      fc.property(policy, steps, (start, script) => {
        const whole = play(start, script, () => undefined);
        const moved = play(
          start,
          script,
          (allocator) => new PoolAllocator(JSON.parse(JSON.stringify(allocator.snapshot()))),
        );
        const ids = (allocator: PoolAllocator): unknown => {
          const { leases, waiting, workers } = allocator.snapshot();
          return {
            held: leases.map(({ id, worker, yieldsFor }) => ({ id, worker, yieldsFor })),
            waiting: waiting.map(({ id }) => id),
            workers,
          };
        };
        expect(ids(moved.allocator)).toEqual(ids(whole.allocator));
      }),
    );
  });

  it('serves everybody in the end, once whatever is held is given back and no worker drains', () => {
    fc.assert(
      fc.property(policy, steps, (start, script) => {
        const open = { ...start, projects: { ...start.projects, b: {} } };
        const { allocator, now } = play(open, script, () => undefined);
        for (const worker of Object.keys(WORKERS)) allocator.drain(worker, false);
        let left = allocator.snapshot().waiting.length + allocator.snapshot().leases.length;
        for (; left > 0; left -= 1) {
          allocator.decide(now);
          const [lease] = allocator.snapshot().leases;
          expect(lease).toBeDefined();
          allocator.release(lease?.id ?? '', now);
        }
        expect(allocator.snapshot().waiting).toEqual([]);
      }),
    );
  });
});
