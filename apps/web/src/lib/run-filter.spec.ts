import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter, sinceTime, STATUSES, toggleStatus } from './run-filter.js';

describe('the filter of runs', () => {
  it('reads fields and words in any order', () => {
    expect(parseFilter(' noise status:failed,running  pipeline:quick since:7d V7 ')).toEqual({
      filter: { status: ['failed', 'running'], pipeline: ['quick'], text: 'noise-v7', since: '7d' },
      words: ['noise', 'status:failed,running', 'pipeline:quick', 'since:7d', 'V7'],
      problems: [],
    });
  });

  it.each([
    ['status:lost', /no status lost/],
    ['pipeline:A_b', /no name of a pipeline/],
    ['since:yesterday', /no time/],
    ['since:2026-02-30', /no time/],
    ['owner:ana', /no field owner/],
    [':x', /no field/],
  ])('says what is wrong with %s', (text, said) => {
    const { problems, filter } = parseFilter(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(said);
    expect(filter).toEqual({ status: [], pipeline: [], text: '', since: '' });
  });

  it('takes any text without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { filter, words } = parseFilter(text);
        expect(words.join('')).toBe(text.replace(/\s/g, ''));
        expect(filter.status.every((status) => STATUSES.includes(status))).toBe(true);
      }),
    );
  });

  it('adds a status to the text and takes it away again, and keeps the rest', () => {
    const one = toggleStatus('quick since:1d', 'failed');
    expect(one).toBe('status:failed quick since:1d');
    const two = toggleStatus(one, 'running');
    expect(two).toBe('status:failed,running quick since:1d');
    expect(toggleStatus(toggleStatus(two, 'failed'), 'running')).toBe('quick since:1d');
  });
});

describe('a since', () => {
  const now = Date.parse('2026-11-28T12:34:56.789Z');

  it.each([
    ['30m', '2026-11-28T12:04:00.000Z'],
    ['12h', '2026-11-28T00:34:00.000Z'],
    ['7d', '2026-11-21T12:34:00.000Z'],
    ['1w', '2026-11-21T12:34:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ])('of %s begins at %s', (text, at) => {
    expect(sinceTime(text, now)).toBe(at);
  });

  it.each(['', '7', 'd', '7y', '99999d', '2026-13-01', '2026-1-1', '-3d'])(
    'is none when it is %j',
    (text) => {
      expect(sinceTime(text, now)).toBeUndefined();
    },
  );
});
