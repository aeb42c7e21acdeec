import { describe, expect, it } from 'vitest';
import { cronProblem } from './cron.js';
import { VitrineError } from './errors.js';
import { parseScheduleSpec } from './parse-schedule.js';

const judged = {
  train: { kind: 'train' },
  judge: { kind: 'evaluate', inputs: { model: 'train.model' }, params: { conditions: [{ kind: 'clean' }] } },
};
const start = {
  kind: 'pipeline',
  pipeline: { version: 1, name: 'small', stages: { only: { kind: 'noop' } } },
};
const retrain = {
  kind: 'retrain',
  model: 'small',
  judge: 'judge',
  pipeline: { version: 1, name: 'small', stages: judged },
};
const schedule = { version: 1, name: 'nightly', times: { cron: '30 2 * * *' }, start };

function refusal(changes: object): { where?: string; actual?: string } {
  try {
    parseScheduleSpec({ ...schedule, ...changes });
  } catch (error) {
    if (error instanceof VitrineError) return error.details;
    throw error;
  }
  return {};
}

describe('a schedule', () => {
  it('is complete with its defaults: UTC, nothing beside a run that is under way, ten minutes to catch up', () => {
    expect(parseScheduleSpec(schedule)).toMatchObject({
      project: 'default',
      times: { timeZone: 'UTC', jitterSeconds: 0 },
      overlap: 'skip',
      catchUpSeconds: 600,
    });
  });

  it.each<[string, object, string, string]>([
    ['30 February', { times: { cron: '0 0 30 2 *' } }, 'times.cron', 'it never fires'],
    ['31 April or June', { times: { cron: '0 0 31 4,6 *' } }, 'times.cron', 'it never fires'],
    ['four fields', { times: { cron: '0 0 * *' } }, 'times.cron', 'expected five fields'],
    ['minute 60', { times: { cron: '60 0 * * *' } }, 'times.cron', 'minute'],
    ['a step of 90 minutes', { times: { cron: '*/90 * * * *' } }, 'times.cron', 'minute'],
    ['both kinds of days', { times: { cron: '0 0 13 * 5' } }, 'times.cron', 'crons differ'],
    [
      'an unknown zone',
      { times: { cron: '0 0 * * *', timeZone: 'Europe/Atlantis' } },
      'times.timeZone',
      'IANA',
    ],
    ['an offset for a zone', { times: { cron: '0 0 * * *', timeZone: '+02:00' } }, 'times.timeZone', 'IANA'],
    ['no times', { times: {} }, 'times.cron', 'got none'],
    ['two kinds of times', { times: { cron: '0 0 * * *', everySeconds: 9 } }, 'times.cron', 'got both'],
    ['an interval of nothing', { times: { everySeconds: 0 } }, 'times.everySeconds', 'Too small'],
    [
      'an offset beyond its interval',
      { times: { everySeconds: 9, offsetSeconds: 9 } },
      'times.offsetSeconds',
      'less',
    ],
    [
      'an end before its start',
      { times: { everySeconds: 9, from: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' } },
      'times.until',
      'it never fires',
    ],
    ['no time to catch up', { catchUpSeconds: 0 }, 'catchUpSeconds', 'Too small'],
    ['a policy nobody knows', { overlap: 'terminate-other' }, 'overlap', 'skip'],
    [
      'a pipeline that is wrong',
      { start: { ...start, pipeline: { version: 1, name: 'small', stages: {} } } },
      'start.pipeline.stages',
      'at least one stage',
    ],
    ['a judge that is none', { start: { ...retrain, judge: 'train' } }, 'start.judge', 'one of judge'],
    [
      'a condition that its judge has not',
      { start: { ...retrain, promote: { condition: 1 } } },
      'start.promote.condition',
      'below 1',
    ],
    [
      'a stage called like the champion',
      {
        start: {
          ...retrain,
          pipeline: { ...retrain.pipeline, stages: { ...judged, champion: { kind: 'noop' } } },
        },
      },
      'start.pipeline.stages.champion',
      'another name',
    ],
  ])('with %s is refused by its field', (_what, changes, where, said) => {
    const { where: found, actual } = refusal(changes);
    expect(found).toBe(where);
    expect(actual).toContain(said);
  });
});

describe('a cron', () => {
  it.each([
    '* * * * *',
    '0 0 29 2 *',
    '*/15 8-18 * * mon-fri',
    '5,35 0 1 jan,JUL *',
    '0 12 * * 7',
    '10/20 * * * *',
  ])('%s is one', (cron) => {
    expect(cronProblem(cron)).toBeUndefined();
  });

  it.each([
    '',
    '@daily',
    '* * * * * *',
    '1-0 * * * *',
    '*/0 * * * *',
    'a * * * *',
    '1-2-3 * * * *',
    '-1 * * * *',
  ])('%j is none', (cron) => {
    expect(cronProblem(cron)).toContain('expected');
  });
});
