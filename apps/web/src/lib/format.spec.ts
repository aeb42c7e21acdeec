import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ago, bytes, duration, measured, plural } from './format.js';

describe('what people read', () => {
  it.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.6, '1 min'],
    [65, '1 min 5 s'],
    [3600, '1 h'],
    [3660, '1 h 1 min'],
    [90_061, '1 d 1 h'],
    [-5, '0.0 s'],
    [NaN, '–'],
    [Infinity, '–'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [1234, '1.23 KB'],
    [999_499, '999 KB'],
    [999_950, '1 MB'],
    [4_200_000, '4.2 MB'],
  ])('of %d bytes is %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [0.87213, '0.8721'],
    [18_204, '18,204'],
    [-0.5, '−0.5'],
    [1.24e-5, '1.24e−5'],
    [123_456.7, '1.23e+5'],
    [NaN, 'not a number'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [0, '0'],
  ])('of the number %d is %s', (value, text) => {
    expect(measured(value)).toBe(text);
  });

  it('is short for every number there is', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(measured(value).length).toBeLessThanOrEqual(12);
      }),
    );
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(duration(value).length).toBeGreaterThan(0);
      }),
    );
  });

  it('of a moment tells how long ago it was', () => {
    const now = Date.parse('2026-11-28T12:00:00Z');
    const at = (seconds: number): string => ago(new Date(now - seconds * 1000).toISOString(), now);
    expect([at(-3), at(10), at(50), at(3560), at(3600), at(90_000), at(8 * 86_400)]).toEqual([
      'just now',
      'just now',
      '1 min ago',
      '59 min ago',
      '1 h ago',
      '1 d ago',
      '2026-11-20',
    ]);
  });

  it('counts one and many', () => {
    expect([plural(1, 'run'), plural(0, 'run'), plural(2000, 'entry', 'entries')]).toEqual([
      '1 run',
      '0 runs',
      '2,000 entries',
    ]);
  });
});
