import { describe, expect, it } from 'vitest';
import { createProgress, describeCount, duration, megabytes } from './progress.mjs';

describe('progress', () => {
  it('states sizes and times as people read them', () => {
    expect([1_500_000, 273_829_956, 1_200_000_000].map(megabytes)).toEqual(['1.5 MB', '274 MB', '1.20 GB']);
    expect([1_234, 42_000, 192_000].map(duration)).toEqual(['1.2 s', '42 s', '3 min 12 s']);
  });

  it('judges what is left by the pace of this process, not by what lay there before', () => {
    const first = { at: 0, done: 100e6 };
    expect(describeCount({ done: 100e6, total: 200e6, unit: 'bytes' }, first, 0)).toBe(
      '100 MB of 200 MB, 50 %',
    );
    expect(describeCount({ done: 110e6, total: 200e6, unit: 'bytes' }, first, 2_000)).toBe(
      '110 MB of 200 MB, 55 %, 18 s left',
    );
    expect(describeCount({ done: 70, total: 60, unit: 'packages' }, { at: 0, done: 0 }, 9_000)).toBe(
      '70 of about 60 packages, 100 %',
    );
  });

  it('is a sparse list of lines where there is no terminal', () => {
    let time = 0;
    const written: string[] = [];
    const progress = createProgress({ write: (text) => written.push(text) }, () => time);
    const task = progress.start('part');
    task.note('fetching');
    for (time = 0; time <= 25_000; time += 1_000) task.count(time, 30_000, 'packages');
    task.done('is there');
    progress.close();
    expect(written).toEqual([
      'part: fetching\n',
      'part: 10000 of about 30000 packages, 33 %, 20 s left\n',
      'part: 20000 of about 30000 packages, 66 %, 10 s left\n',
      'part: is there (26 s)\n',
    ]);
  });

  it('is one line that fits on a terminal, cleared before a line that stays', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text), isTTY: true, columns: 30 };
    const progress = createProgress(stream, () => 0);
    const one = progress.start('one');
    one.note('fetching');
    one.show('a text that is longer than the terminal is wide');
    progress.start('two').done('ready');
    progress.close();
    expect(written.join('')).toBe(
      [
        'one: fetching\n',
        'one: 0.0 s',
        '\r\x1b[2Ktwo: ready (0.0 s)\n',
        'one: a text that is longer th',
        '\r\x1b[2K',
      ].join(''),
    );
  });
});
