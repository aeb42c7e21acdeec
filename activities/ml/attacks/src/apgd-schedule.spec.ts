import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from './apgd-schedule.js';

describe('the size of the steps of Auto-PGD', () => {
  it('stays at 2ε while the loss keeps rising', () => {
    const schedule = new Schedule(100, 0.1, 0);
    for (let step = 1; step <= 100; step++)
      expect(schedule.note(step)).toEqual({ improved: true, restart: false });
    expect(schedule.stepSize).toBe(0.2);
  });

  it('is halved at the checkpoints of the paper where the loss does not rise, from the best point', () => {
    const schedule = new Schedule(100, 0.1, 1);
    const halvings = Array.from({ length: 100 }, (_, step) =>
      schedule.note(0).restart ? [step + 1] : [],
    ).flat();
    // 22, then 19, 16, 13, 10, 7 and 6 more each time.
    expect(halvings.slice(0, 8)).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
    expect(schedule.stepSize).toBe(0.2 / 2 ** 8);
  });

  it('never grows, whatever the losses are', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 60 }), fc.double({ noNaN: true }), (losses, first) => {
        const schedule = new Schedule(40, 1, first);
        let before = schedule.stepSize;
        for (const loss of losses) {
          const { restart } = schedule.note(loss);
          expect(schedule.stepSize).toBe(restart ? before / 2 : before);
          before = schedule.stepSize;
        }
      }),
    );
  });
});
