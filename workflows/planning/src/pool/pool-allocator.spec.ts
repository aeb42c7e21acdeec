import { describe, expect, it } from 'vitest';
import { PoolAllocator, UNSEEN_REPORTS, WORKER_GONE_SECONDS } from './pool-allocator.js';
import { poolView } from './pool-view.js';
import { askOf, poolOf } from './testing/pool-states.js';

const MINUTE = 60_000;

function stagesGranted(allocator: PoolAllocator, now: number): string[] {
  return allocator.decide(now).granted.map(({ stage }) => stage);
}

describe('an allocator of a pool', () => {
  it('gives a stage all it asks for on one worker, or nothing', () => {
    const allocator = new PoolAllocator(poolOf({ left: 2, right: 2 }));
    allocator.ask(askOf('three', { devices: 3 }));
    allocator.ask(askOf('two', { devices: 2 }));
    expect(stagesGranted(allocator, 0)).toEqual(['two']);
    const [waiting] = poolView(allocator, { pool: 'gpu', now: 0 }).waiting;
    expect(waiting).toMatchObject({
      stage: 'three',
      reason: { code: 'tooLarge', largestWorker: 2 },
      why: 'It wants 3 devices, and the largest worker of the pool has 2.',
    });
  });

  it('leaves large gaps to those who want several', () => {
    const allocator = new PoolAllocator(poolOf({ large: 4, small: 1 }));
    allocator.ask(askOf('one'));
    allocator.ask(askOf('four', { devices: 4 }));
    expect(stagesGranted(allocator, 0)).toEqual(['one', 'four']);
  });

  it('serves projects in turn, and one with twice the weight twice', () => {
    const allocator = new PoolAllocator(poolOf({ box: 6 }, { projects: { a: { weight: 2 } } }));
    for (let index = 0; index < 6; index += 1) allocator.ask(askOf(`a${index}`));
    for (let index = 0; index < 6; index += 1) allocator.ask(askOf(`b${index}`, { project: 'b' }));
    const granted = stagesGranted(allocator, 0);
    expect(granted.filter((stage) => stage.startsWith('a'))).toHaveLength(4);
    expect(granted.filter((stage) => stage.startsWith('b'))).toHaveLength(2);
  });

  it('remembers who held the only device before, and forgets it by the half-life', () => {
    const held = (minutesAgo: number): string[] => {
      const allocator = new PoolAllocator(poolOf({ box: 1 }, { halfLifeSeconds: 60 }));
      allocator.ask(askOf('before', { project: 'b' }));
      allocator.decide(0);
      allocator.release('before', MINUTE);
      allocator.ask(askOf('brief', { project: 'a' }));
      allocator.decide(minutesAgo * MINUTE);
      allocator.release('brief', (minutesAgo + 0.5) * MINUTE);
      allocator.ask(askOf('b', { project: 'b' }));
      allocator.ask(askOf('a', { project: 'a' }));
      return stagesGranted(allocator, (minutesAgo + 0.5) * MINUTE);
    };
    expect(held(1)).toEqual(['a']);
    expect(held(10)).toEqual(['b']);
  });

  it('keeps devices for a stage that wants several and has been overtaken for long enough', () => {
    const allocator = new PoolAllocator(poolOf({ box: 2 }, { patienceSeconds: 60 }));
    allocator.ask(askOf('first'));
    allocator.decide(0);
    allocator.ask(askOf('both', { devices: 2, askedAt: 0 }));
    allocator.ask(askOf('soon'));
    expect(stagesGranted(allocator, 0)).toEqual(['soon']);
    allocator.release('soon', MINUTE);
    allocator.ask(askOf('late', { askedAt: MINUTE }));
    expect(stagesGranted(allocator, MINUTE)).toEqual([]);
    const late = poolView(allocator, { pool: 'gpu', now: MINUTE }).waiting[1];
    expect(late?.why).toBe('Devices are free and kept for run run-1, stage both, which is before it.');
    allocator.release('first', 2 * MINUTE);
    expect(stagesGranted(allocator, 2 * MINUTE)).toEqual(['both']);
  });

  it('asks the one of a lower class that loses least to give way, and keeps its devices for who asked', () => {
    const allocator = new PoolAllocator(
      poolOf({ box: 2 }, { preemption: { minimumRunSeconds: 60 }, patienceSeconds: 86_400 }),
    );
    allocator.ask(askOf('old', { priority: 'low' }));
    allocator.ask(askOf('fresh', { priority: 'low' }));
    allocator.decide(0);
    allocator.report(
      { worker: 'box', devices: 2, leases: { old: 10_000, fresh: 55_000 }, leaving: false },
      55_000,
    );
    allocator.ask(askOf('urgent', { priority: 'high' }));
    expect(allocator.decide(59_000).yielding).toEqual([]);
    expect(allocator.decide(60_000).yielding.map(({ id }) => id)).toEqual(['fresh']);
    // Asked once.
    expect(allocator.decide(61_000).yielding).toEqual([]);
    allocator.ask(askOf('small', { priority: 'low' }));
    allocator.release('fresh', 62_000);
    expect(stagesGranted(allocator, 62_000)).toEqual(['urgent']);
  });

  it('gives a project what it is guaranteed at the cost of who holds more than theirs', () => {
    const projects = { a: { guaranteed: 1 }, b: { guaranteed: 1 } };
    const allocator = new PoolAllocator(
      poolOf({ box: 2 }, { projects, preemption: { minimumRunSeconds: 0 } }),
    );
    allocator.ask(askOf('a1'));
    allocator.ask(askOf('a2'));
    allocator.decide(0);
    allocator.ask(askOf('b1', { project: 'b' }));
    allocator.ask(askOf('b2', { project: 'b' }));
    expect(allocator.decide(1000).yielding).toHaveLength(1);
    allocator.release('a2', 2000);
    expect(stagesGranted(allocator, 2000)).toEqual(['b1']);
    // Both have theirs now.
    expect(allocator.decide(3000).yielding).toEqual([]);
  });

  it('begins nothing more of a project that has used its budget, and has what runs give way', () => {
    const allocator = new PoolAllocator(
      poolOf({ box: 2 }, { projects: { a: { budgetDeviceSeconds: 100 } }, preemption: { mode: 'never' } }),
    );
    allocator.ask(askOf('runs'));
    allocator.decide(0);
    allocator.ask(askOf('waits', { askedAt: 100_000 }));
    const { granted, yielding } = allocator.decide(100_000);
    expect(granted).toEqual([]);
    expect(yielding.map(({ id }) => id)).toEqual(['runs']);
    expect(poolView(allocator, { pool: 'gpu', now: 100_000 }).waiting[0]).toMatchObject({
      reason: { code: 'budget', budget: 100, used: 100 },
      heldBy: [],
    });
  });

  it('gives back what a worker held that is silent, and counts what was lost', () => {
    const allocator = new PoolAllocator(poolOf({ box: 2 }));
    allocator.ask(askOf('stage', { devices: 2 }));
    allocator.decide(0);
    allocator.report({ worker: 'box', devices: 2, leases: { stage: 20_000 }, leaving: false }, 25_000);
    const gone = 25_000 + WORKER_GONE_SECONDS * 1000;
    expect(allocator.expire(gone)).toEqual([]);
    expect(allocator.expire(gone + 1).map(({ id }) => id)).toEqual(['stage']);
    expect(allocator.accounts.useOf('a', gone + 1).lost).toBeCloseTo((2 * (gone + 1 - 20_000)) / 1000, 6);
    expect(allocator.snapshot().leases).toEqual([]);
  });

  it('ends a lease that its worker does not know', () => {
    const allocator = new PoolAllocator(poolOf({ box: 1 }));
    allocator.ask(askOf('stage'));
    allocator.decide(0);
    const report = { worker: 'box', devices: 1, leases: {}, leaving: false };
    for (let count = 1; count < UNSEEN_REPORTS; count += 1) expect(allocator.report(report, 0)).toEqual([]);
    expect(allocator.report(report, 0).map(({ id }) => id)).toEqual(['stage']);
  });

  it('gives a stage to a worker that failed it only when there is no other', () => {
    const allocator = new PoolAllocator(poolOf({ bad: 2, good: 1 }));
    allocator.ask(askOf('first', { avoid: ['bad'] }));
    allocator.ask(askOf('second', { avoid: ['bad'] }));
    expect(allocator.decide(0).granted.map(({ worker }) => worker)).toEqual(['good']);
    allocator.drain('good', true);
    expect(allocator.decide(0).granted.map(({ worker }) => worker)).toEqual(['bad']);
  });

  it('says when a stage will begin, from how long its kind takes', () => {
    const allocator = new PoolAllocator({ ...poolOf({ box: 1 }), kinds: { train: 60 } });
    for (const id of ['one', 'two', 'three']) allocator.ask(askOf(id));
    allocator.ask(askOf('unknown', { kind: 'certify' }));
    allocator.ask(askOf('behind'));
    allocator.decide(0);
    const { waiting } = poolView(allocator, { pool: 'gpu', now: 0 });
    expect(waiting.map(({ stage, expectedAt }) => [stage, expectedAt && Date.parse(expectedAt)])).toEqual([
      ['two', MINUTE],
      ['three', 2 * MINUTE],
      ['unknown', 3 * MINUTE],
      ['behind', undefined],
    ]);
  });
});
