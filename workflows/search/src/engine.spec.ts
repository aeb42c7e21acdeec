import fc from 'fast-check';
import type { SchedulerSpec, SweepEvent } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { SearchEngine } from './engine.js';
import { simulate, type Outcome } from './simulate.js';
import { searchSpec } from './testing/spec.js';

const space = {
  x: { type: 'uniform', low: 0, high: 1, set: 'stages.a.params.x' },
  y: { type: 'choice', values: ['left', 'right'], set: 'stages.a.params.y' },
};
const resource = {
  stage: 'a',
  parameter: 'stopAfterEpochs',
  max: 27,
  carry: { output: 'state', input: 'resume' },
};
const schedulers: SchedulerSpec[] = [
  { kind: 'none' },
  { kind: 'asha', eta: 3, minResource: 1 },
  { kind: 'hyperband', eta: 3, minResource: 1 },
  { kind: 'median', every: 3, grace: 3, minTrials: 3 },
  { kind: 'patience', every: 3, reports: 2, minDelta: 0 },
  { kind: 'pbt', every: 9, population: 4, quantile: 0.25, resample: 0.25 },
];

/** Any metric a trial may report, and any time that it may take. */
const outcomes = fc.array(
  fc.record({
    value: fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.constant(0),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 0, max: 2 }),
    ),
    deviceSeconds: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 1, maxLength: 30 },
);

describe.each(schedulers)('a sweep under the scheduler $kind', (scheduler) => {
  const spec = searchSpec(space, {
    scheduler,
    resource,
    sampler: { kind: 'tpe', startup: 4, candidates: 4 },
  });

  it('ends, keeps its budget of trials, and leaves no trial open, whatever the trials report', () => {
    fc.assert(
      fc.property(
        outcomes,
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (script, trials, parallelism) => {
          let legs = 0;
          const { book, tally } = simulate({
            spec,
            parallelism,
            budget: { trials },
            run: (): Outcome => script[(legs += 1) % script.length] as Outcome,
          });
          expect(tally.started).toBeLessThanOrEqual(trials);
          expect(tally.running + tally.waiting).toBe(0);
          expect(tally.completed + tally.stopped + tally.failed).toBe(tally.started);
          for (const { reports, segments } of book.trials) {
            const resources = reports.map((report) => report.resource);
            expect(resources).toEqual(resources.toSorted((a, b) => a - b));
            expect(new Set(resources).size).toBe(resources.length);
            expect(Math.max(0, ...resources)).toBeLessThanOrEqual(27);
            expect(segments.length).toBeGreaterThanOrEqual(reports.length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('decides the same when it is made again from its log at any place', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 4 }), (script, free) => {
        const at = '2026-01-01T00:00:00.000Z';
        const engine = new SearchEngine(spec);
        const log: SweepEvent[] = [];
        let running: number[] = [];
        for (const [round, outcome] of script.entries()) {
          const [trial] = running;
          const { value, deviceSeconds } = outcome;
          const news =
            trial === undefined
              ? []
              : value === undefined
                ? [{ type: 'failed' as const, trial, error: FAILED, deviceSeconds, at }]
                : [{ type: 'reported' as const, trial, value, deviceSeconds, at }];
          running = running.slice(1);
          const again = new SearchEngine(spec);
          for (const event of log) again.apply(event);
          const steering = { news, free: Math.max(0, free - running.length), budget: { trials: 12 }, at };
          const decided = engine.steer(steering);
          expect(again.steer(steering), `round ${round}`).toEqual(decided);
          log.push(...decided.events);
          running.push(...decided.legs.map((leg) => leg.trial));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('starts nothing more once its device-seconds are spent', () => {
    const { tally } = simulate({
      spec,
      parallelism: 2,
      budget: { trials: 50, deviceSeconds: 10 },
      run: () => ({ value: 1, deviceSeconds: 3 }),
    });
    // Two at a time: the tenth second is reached by the fourth, and the one beside it comes to its end.
    expect(tally.deviceSeconds).toBeLessThanOrEqual(10 + 2 * 3);
    expect(tally.running).toBe(0);
  });
});

const FAILED = { code: 'StageFailed', message: 'It failed.', hint: 'Look.' } as const;

describe('successive halving', () => {
  /** A trial is as good as its x, and shows it more clearly the longer it is trained. */
  const run = ({ trial, segments }: { trial: number; segments: readonly { until: number }[] }): Outcome => {
    const until = segments.at(-1)?.until ?? 0;
    const before = segments.at(-2)?.until ?? 0;
    return { value: trial + 1 / until, deviceSeconds: until - before };
  };

  it('of nine trials at a rate of three trains three further, and one of them to the end', () => {
    const spec = searchSpec(space, {
      scheduler: { kind: 'asha', eta: 3, minResource: 1 },
      resource: { ...resource, max: 9 },
    });
    const { book, tally } = simulate({ spec, parallelism: 1, budget: { trials: 9 }, run });
    const furthest = book.trials.map(({ reports }) => reports.at(-1)?.resource);
    expect(furthest.filter((one) => one === 9)).toHaveLength(1);
    expect(furthest[0]).toBe(9);
    expect(furthest.filter((one) => one === 3)).toHaveLength(2);
    expect(tally).toMatchObject({ completed: 1, stopped: 8 });
    expect(tally.best?.trial).toBe(0);
  });

  it('takes a sweep too small for a promotion to the end with its best trial', () => {
    const spec = searchSpec(space, { scheduler: { kind: 'asha', eta: 3, minResource: 1 }, resource });
    const { book, tally } = simulate({ spec, parallelism: 2, budget: { trials: 2 }, run });
    expect(book.trials.map(({ reports }) => reports.at(-1)?.resource)).toEqual([27, 1]);
    expect(tally).toMatchObject({ completed: 1, stopped: 1 });
  });

  it('never promotes a trial whose metric is not a number, and counts it', () => {
    const spec = searchSpec(space, { scheduler: { kind: 'asha', eta: 3, minResource: 1 }, resource });
    const { tally } = simulate({
      spec,
      parallelism: 1,
      budget: { trials: 5 },
      run: () => ({ value: null, deviceSeconds: 1 }),
    });
    expect(tally).toMatchObject({ started: 5, stopped: 5, completed: 0, notNumbers: 5 });
    expect(tally.best).toBeUndefined();
  });

  it('in brackets starts as many trials, as far, as Hyperband says', () => {
    const spec = searchSpec(space, { scheduler: { kind: 'hyperband', eta: 3, minResource: 1 }, resource });
    const { book } = simulate({ spec, parallelism: 4, budget: { trials: 49 }, run });
    const sizes = [0, 1, 2, 3].map(
      (bracket) => book.trials.filter((trial) => trial.bracket === bracket).length,
    );
    const first = [0, 1, 2, 3].map(
      (bracket) => book.trials.find((trial) => trial.bracket === bracket)?.segments[0]?.until,
    );
    // Li et al. 2018, table 1, for R = 27.
    expect(sizes).toEqual([27, 12, 6, 4]);
    expect(first).toEqual([1, 3, 9, 27]);
    const ends = book.trials.filter(({ bracket }) => bracket === 0).map(({ reports }) => reports.length);
    expect([1, 2, 3, 4].map((rungs) => ends.filter((one) => one >= rungs).length)).toEqual([27, 9, 3, 1]);
  });
});

describe('stopping rules', () => {
  const value = (trial: number, until: number): Outcome => ({
    value: trial === 3 ? 10 : 1 / until,
    deviceSeconds: 1,
  });

  it('stop the trial that is worse than the median of the others, and no other', () => {
    const spec = searchSpec(space, {
      scheduler: { kind: 'median', every: 3, grace: 3, minTrials: 3 },
      resource,
    });
    const { book } = simulate({
      spec,
      parallelism: 1,
      budget: { trials: 5 },
      run: ({ trial, segments }) => value(trial, segments.at(-1)?.until ?? 0),
    });
    expect(book.trials.map(({ state }) => state)).toEqual([
      'completed',
      'completed',
      'completed',
      'stopped',
      'completed',
    ]);
    expect(book.trials[3]?.reports).toHaveLength(1);
  });

  it('stop a trial that has not become better for so many reports', () => {
    const spec = searchSpec(space, {
      scheduler: { kind: 'patience', every: 3, reports: 2, minDelta: 0 },
      resource,
    });
    const { book } = simulate({
      spec,
      parallelism: 1,
      budget: { trials: 5 },
      run: ({ trial, segments }) => value(trial, segments.at(-1)?.until ?? 0),
    });
    expect(book.trials[3]).toMatchObject({ state: 'stopped' });
    expect(book.trials[3]?.reports.map(({ resource: at }) => at)).toEqual([3, 6, 9]);
    expect(book.trials.filter(({ state }) => state === 'completed')).toHaveLength(4);
  });
});

describe('population-based training', () => {
  it('lets the worst go on from the stretches of the best, with other values', () => {
    const spec = searchSpec(space, {
      scheduler: { kind: 'pbt', every: 9, population: 4, quantile: 0.25, resample: 0 },
      resource,
    });
    const { book } = simulate({
      spec,
      parallelism: 4,
      budget: { trials: 4 },
      run: ({ segments }) => ({
        value: Math.abs(Number(segments.at(-1)?.point['x']) - 0.3),
        deviceSeconds: 1,
      }),
    });
    expect(book.trials.map(({ reports }) => reports.length)).toEqual([3, 3, 3, 3]);
    const taken = book.trials.filter(({ takenOverAt }) => takenOverAt > 0);
    expect(taken.length).toBeGreaterThan(0);
    for (const { segments, takenOverAt } of taken) {
      const donors = book.trials.filter(
        (other) => JSON.stringify(other.segments[0]) === JSON.stringify(segments[0]),
      );
      expect(donors.length).toBeGreaterThan(1);
      expect(segments[takenOverAt]?.point['x']).not.toBe(segments[takenOverAt - 1]?.point['x']);
    }
  });
});

describe('an answer', () => {
  it('has as many rungs as there is room for, and the next has the rest', () => {
    const spec = searchSpec(space, { sampler: { kind: 'random' } });
    const [budget, at] = [{ trials: 12 }, '2026-01-01T00:00:00.000Z'];
    const whole = new SearchEngine(spec).steer({ news: [], free: 12, budget, at });
    expect(whole).toMatchObject({ more: false, finished: false });
    const room = 4 * JSON.stringify(whole.legs[0]).length;
    const engine = new SearchEngine(spec);
    const legs = [];
    for (let more = true; more;) {
      const answer = engine.steer({ news: [], free: 12 - legs.length, budget, at, room });
      expect(answer.legs.length).toBeLessThanOrEqual(5);
      expect(answer.finished).toBe(false);
      legs.push(...answer.legs);
      more = answer.more;
    }
    expect(legs).toEqual(whole.legs);
  });

  it('has one rung at least, however little room there is', () => {
    const spec = searchSpec(space, { sampler: { kind: 'random' } });
    const engine = new SearchEngine(spec);
    const answer = engine.steer({
      news: [],
      free: 2,
      budget: { trials: 2 },
      at: '2026-01-01T00:00:00.000Z',
      room: 1,
    });
    expect(answer).toMatchObject({ legs: [{ trial: 0 }], more: true });
  });
});
