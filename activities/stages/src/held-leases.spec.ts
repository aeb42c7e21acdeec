import type { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { HeldLeases } from './held-leases.js';

describe('the leases that a worker holds', () => {
  it('are named with when their work was last durable, until they are released', () => {
    const leases = new HeldLeases();
    const one = leases.hold('one', 'run a, stage train');
    leases.hold(undefined, 'a stage without a lease');
    expect(leases.safeTimes()).toEqual({ one: 0 });
    one.safe(new Date(5000));
    expect(leases.safeTimes()).toEqual({ one: 5000 });
    one.release();
    expect(leases.safeTimes()).toEqual({});
  });

  it('stop the stage whose devices are wanted, and no other', () => {
    const leases = new HeldLeases();
    const one = leases.hold('one', 'run a, stage train');
    const two = leases.hold('two', 'run b, stage train');
    leases.giveUp(['one', 'unknown']);
    leases.giveUp(['one']);
    expect((one.signal.reason as VitrineError).toView()).toMatchObject({
      code: 'Preempted',
      where: 'run a, stage train',
    });
    expect(two.signal.aborted).toBe(false);
  });
});
