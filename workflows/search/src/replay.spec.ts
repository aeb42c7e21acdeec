import fc from 'fast-check';
import type { SchedulerSpec, TrialLeg } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { replay } from './replay.js';
import { simulate, type Outcome } from './simulate.js';
import { searchSpec } from './testing/spec.js';

const space = { x: { type: 'uniform', low: 0, high: 1, set: 'stages.a.params.x' } };
const carry = { output: 'state', input: 'resume' };
const resource = { stage: 'a', parameter: 'stopAfterEpochs', max: 9, carry };
/** Reports at every step and stops nobody: what can be replayed under anything. */
const everything: SchedulerSpec = { kind: 'patience', every: 1, reports: 1000, minDelta: 0 };
const asha: SchedulerSpec = { kind: 'asha', eta: 3, minResource: 1 };
const others: SchedulerSpec[] = [
  { kind: 'none' },
  asha,
  { kind: 'hyperband', eta: 3, minResource: 1 },
  { kind: 'median', every: 1, grace: 1, minTrials: 1 },
  { kind: 'patience', every: 1, reports: 2, minDelta: 0 },
];
const spec = searchSpec(space, { scheduler: everything, resource });

/** Values of nine trials at each of nine steps, a device-second each. */
function recorded(value: (trial: number, step: number) => number | null | undefined, trials = 9) {
  const run = ({ trial, segments }: TrialLeg): Outcome => {
    const until = segments.at(-1)?.until ?? 0;
    return { value: value(trial, until), deviceSeconds: until - (segments.at(-2)?.until ?? 0) };
  };
  return simulate({ spec, parallelism: 1, budget: { trials }, run }).events;
}

describe('a sweep under another scheduler', () => {
  it('saves what successive halving would not have trained, and says what it would have lost', () => {
    // The last one is best in the end, and worst at first.
    const events = recorded((trial, step) => (trial === 8 ? 10 - step : trial + 2));
    const {
      recorded: was,
      replayed,
      savedDeviceSeconds,
      lost,
      estimated,
    } = replay({
      spec,
      events,
      scheduler: asha,
      parallelism: 1,
    });
    expect(was).toEqual({
      scheduler: 'patience',
      deviceSeconds: 81,
      best: { trial: 8, resource: 9, value: 1 },
    });
    // Nine to 1, three of them to 3, one to 9.
    expect(replayed).toEqual({
      scheduler: 'asha',
      deviceSeconds: 9 + 3 * 2 + 6,
      best: { trial: 0, resource: 9, value: 2 },
    });
    expect({ savedDeviceSeconds, lost, estimated }).toEqual({
      savedDeviceSeconds: 60,
      lost: 1,
      estimated: 0,
    });
  });

  it('counts reports that were never recorded, with the last value and the last rate of time', () => {
    const stopped = simulate({
      spec: { ...spec, scheduler: asha },
      parallelism: 1,
      budget: { trials: 3 },
      run: ({ trial, segments }) => ({
        value: trial,
        deviceSeconds: 2 * ((segments.at(-1)?.until ?? 0) - (segments.at(-2)?.until ?? 0)),
      }),
    });
    const { replayed, estimated, unknown } = replay({
      spec: { ...spec, scheduler: asha },
      events: stopped.events,
      scheduler: { kind: 'none' },
      parallelism: 1,
    });
    expect(replayed.deviceSeconds).toBe(3 * 18);
    expect(replayed.best).toEqual({ trial: 0, resource: 9, value: 0 });
    expect(estimated).toBe(2);
    expect(unknown).toEqual([]);
  });

  it('is not replayed where it wants reports that nobody gave', () => {
    const events = simulate({
      spec: { ...spec, scheduler: asha },
      parallelism: 1,
      budget: { trials: 3 },
      run: ({ trial }) => ({ value: trial, deviceSeconds: 1 }),
    }).events;
    const median = { kind: 'median', every: 2, grace: 0, minTrials: 1 } as const;
    expect(replay({ spec, events, scheduler: median, parallelism: 1 }).unknown).toEqual([2, 4, 6, 8]);
  });

  it('costs nothing less and loses nothing under the scheduler that it had, whatever it came to', () => {
    const values = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.constant(0),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 0, max: 2 }),
    );
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(...others),
        (script, scheduler) => {
          const own = { ...spec, scheduler };
          let legs = 0;
          const { events } = simulate({
            spec: own,
            parallelism: 1,
            budget: { trials: 6 },
            run: () => ({ value: script[(legs += 1) % script.length], deviceSeconds: 3 }),
          });
          const { savedDeviceSeconds, lost, estimated } = replay({
            spec: own,
            events,
            scheduler,
            parallelism: 1,
          });
          expect(savedDeviceSeconds).toBeCloseTo(0, 9);
          expect(lost ?? 0).toBeCloseTo(0, 9);
          expect(estimated).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of which everything is recorded estimates nothing and costs no more, whatever it came to', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(null), fc.double()), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...others),
        fc.integer({ min: 1, max: 4 }),
        (script, scheduler, parallelism) => {
          const events = recorded((trial, step) => script[(7 * trial + step) % script.length] ?? null, 5);
          const { savedDeviceSeconds, estimated, unknown } = replay({
            spec,
            events,
            scheduler,
            parallelism,
          });
          expect(estimated).toBe(0);
          expect(unknown).toEqual([]);
          expect(savedDeviceSeconds).toBeGreaterThan(-1e-9);
        },
      ),
      { numRuns: 100 },
    );
  });
});
