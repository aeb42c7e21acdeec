import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch, pick, stringifySearch } from './search-params.js';

describe('the state in an address', () => {
  it('has its keys in order, and nothing that says nothing', () => {
    expect(stringifySearch({ tab: 'logs', stage: undefined, lq: '', a: 'x y&z' })).toBe(
      '?a=x+y%26z&tab=logs',
    );
    expect(stringifySearch({ stage: undefined })).toBe('');
  });

  it('is the same after the way to an address and back', () => {
    const search = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }));
    fc.assert(
      fc.property(search, (state) => {
        const text = stringifySearch(state);
        expect(parseSearch(text)).toEqual({ ...state });
        expect(stringifySearch(parseSearch(text))).toBe(text);
      }),
    );
  });

  it('can be read from any text, the first of doubled keys', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseSearch(text)).toBe('object');
      }),
    );
    expect(parseSearch('?tab=logs&tab=graph')).toEqual({ tab: 'logs' });
  });

  it('is dropped where a page does not know it', () => {
    const known = { tab: ['graph', 'logs'], stage: 'any' } as const;
    expect(pick({ tab: 'logs', stage: 'train', other: '1' }, known)).toEqual({ tab: 'logs', stage: 'train' });
    expect(pick({ tab: 'nowhere', stage: 3 }, known)).toEqual({});
    expect(pick(Object.create({ stage: 'inherited' }) as Record<string, unknown>, known)).toEqual({});
  });
});
