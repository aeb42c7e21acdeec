import { describe, expect, it } from 'vitest';
import { addPrefix, takePrefix } from './prefix.js';

describe('records in one record', () => {
  it('come back under their own names, and one prefix may begin like another', () => {
    const both = { ...addPrefix('params', { a: 1 }), ...addPrefix('params.m', { a: 2, 'b/c': 3 }) };
    expect(Object.keys(both)).toEqual(['params/a', 'params.m/a', 'params.m/b/c']);
    expect(takePrefix('params', both)).toEqual({ a: 1 });
    expect(takePrefix('params.m', both)).toEqual({ a: 2, 'b/c': 3 });
  });
});
