import type { SweepView, TrialView } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { replayLines } from '../commands/replay-sweep.js';
import { followSweep } from './follow-sweep.js';
import { PlainSweep } from './plain-sweep.js';
import { PLAIN } from './style.js';
import { sweepLines, trialTable } from './sweep-lines.js';

const AT = '2026-01-01T00:00:00.000Z';

function trial(number: number, rate: number, values: (number | null)[], more: object = {}): TrialView {
  return {
    trial: number,
    state: 'waiting',
    point: { rate },
    reports: values.map((value, index) => ({ resource: 3 ** index, value })),
    segments: [],
    bracket: 0,
    deviceSeconds: 10 * values.length,
    stages: { computed: values.length, found: values.length - 1 },
    ...more,
  };
}

const trials: TrialView[] = [
  trial(0, 0.1, [0.5]),
  trial(1, 0.001, [0.3, 0.35], { state: 'completed' }),
  trial(2, 0.9, [null]),
  trial(3, 0.2, [0.6], { state: 'stopped' }),
];

const view: SweepView = {
  project: 'default',
  sweepId: 'rates-20260101-000000-1a2b3c4',
  name: 'rates',
  status: 'running',
  submittedAt: AT,
  metric: 'train.testAccuracy',
  direction: 'maximize',
  parallelism: 2,
  budget: { trials: 12, wallSeconds: 600, deviceSeconds: 100 },
  tally: {
    started: 4,
    running: 0,
    waiting: 2,
    completed: 1,
    stopped: 1,
    failed: 0,
    notNumbers: 1,
    deviceSeconds: 50,
    stages: { computed: 5, found: 1 },
    best: trial(1, 0.001, [0.3, 0.35], { state: 'completed' }),
  },
  runs: [],
};

const options = { ...PLAIN, width: 120, now: Date.parse(AT) + 60_000, most: 3 };

describe('a sweep on the terminal', () => {
  it('shows counts, what is left of each budget, what was shared, and the best with its values', () => {
    const lines = sweepLines(view, trials, options);
    expect(lines.slice(0, 8)).toEqual([
      'rates-20260101-000000-1a2b3c4 running  1 min 0 s',
      '  trials       [#######-------------] 4/12  2 waiting  1 completed  1 stopped  1 reports that are no numbers',
      '  device time  [##########----------] 50 s of 1 min 40 s',
      '  wall time    [##------------------] 1 min 0 s of 10 min 0 s',
      '  stages       5 computed, 1 found',
      '  at a time    0 of 2',
      '  best         train.testAccuracy 0.3500, trial 1: rate=0.001000',
      '',
    ]);
    expect(lines.every((line) => line.length <= options.width)).toBe(true);
  });

  it('lists those that have come further first, then the better ones, and no numbers last', () => {
    const order = (direction: 'maximize' | 'minimize') =>
      trialTable({ ...view, direction }, trials, 9)
        .slice(1)
        .map((row) => row.split(' ')[0]);
    expect(order('maximize')).toEqual(['1', '3', '0', '2']);
    expect(order('minimize')).toEqual(['1', '0', '3', '2']);
    expect(trialTable(view, trials, 1).at(-1)).toBe('and 3 more trials');
    expect(trialTable(view, trials, 9).at(-1)).toContain('no number');
  });

  it('in a log says each report once, and when there is a new best', () => {
    const log = new PlainSweep();
    const first = log.update(view, trials.slice(0, 1));
    expect(first).toEqual([
      'rates-20260101-000000-1a2b3c4 running',
      '  trial 0: train.testAccuracy 0.5000 at 1  rate=0.1000',
      '  best so far: trial 1, rate=0.001000',
    ]);
    expect(log.update(view, trials.slice(0, 1))).toEqual([]);
    expect(log.update({ ...view, status: 'paused' }, trials.slice(0, 2))).toEqual([
      'rates-20260101-000000-1a2b3c4 paused',
      '  trial 1: train.testAccuracy 0.3000 at 1  rate=0.001000',
      '  trial 1: train.testAccuracy 0.3500 at 3  rate=0.001000',
    ]);
  });

  it('is followed to its end, and its trials read again only when there is news of them', async () => {
    const log = (sha256: string) =>
      ({ type: 'document', uri: `s3://${sha256}`, sha256, bytes: 1, mediaType: 'application/json' }) as const;
    const views: SweepView[] = [
      view,
      { ...view, log: log('a') },
      { ...view, log: log('a') },
      { ...view, log: log('b'), status: 'succeeded', endedAt: AT },
    ];
    let reads = 0;
    const source = {
      view: () => Promise.resolve(views.shift() ?? view),
      trials: () => Promise.resolve({ trials: trials.slice(0, (reads += 1)) }),
    };
    const shown: number[] = [];
    const end = await followSweep(
      source,
      { project: 'default', sweepId: 'x' },
      {
        show: (_view, some) => shown.push(some.length),
        notice: () => undefined,
        signal: new AbortController().signal,
        every: 1,
      },
    );
    expect(end?.status).toBe('succeeded');
    expect(shown).toEqual([0, 1, 1, 2]);
  });
});

describe('a replay on the terminal', () => {
  const side = (scheduler: string, deviceSeconds: number, value: number) => ({
    scheduler,
    deviceSeconds,
    best: { trial: 3, resource: 9, value },
  });
  const replay = {
    project: 'default',
    sweepId: 'rates-1',
    metric: 'train.testAccuracy',
    direction: 'maximize',
    trials: 12,
    recorded: side('none', 200, 0.25),
    replayed: side('asha', 50, 0.24),
    savedDeviceSeconds: 150,
    lost: 0.01,
    estimated: 0,
  } as const;

  it('says what would have been saved, and what lost', () => {
    expect(replayLines(replay)).toEqual([
      'rates-1: 12 trials under asha instead of none',
      '  device time  50 s instead of 3 min 20 s: would have saved 2 min 30 s (75.0 %)',
      '  best         train.testAccuracy 0.2400 (trial 3 at 9) instead of 0.2500 (trial 3 at 9): would have lost 0.01000',
    ]);
  });

  it('says what is only estimated, what would have cost more, and where there is no best', () => {
    const { lost: _lost, ...more } = { ...replay, savedDeviceSeconds: -50, estimated: 2 };
    const none = { scheduler: 'median', deviceSeconds: 250 };
    expect(replayLines({ ...more, replayed: none })).toEqual([
      'rates-1: 12 trials under median instead of none',
      '  device time  4 min 10 s instead of 3 min 20 s: would have cost 50 s more (25.0 %)',
      '  best         train.testAccuracy none instead of 0.2500 (trial 3 at 9)',
      '  2 reports were never recorded: they count with the last value and the last rate of time of their trials.',
    ]);
  });
});
