import { describe, expect, it } from 'vitest';
import { regression } from './allocator.js';

describe('regression', () => {
  it('finds the slope of a line, and how far the points stray from it', () => {
    const exact = regression([
      [0, 1],
      [1, 3],
      [2, 5],
    ]);
    expect(exact.slope).toBeCloseTo(2);
    expect(exact.deviation).toBeCloseTo(0);
    const straying = regression([
      [0, 1],
      [1, -1],
      [2, -1],
      [3, 1],
    ]);
    expect(straying.slope).toBeCloseTo(0);
    expect(straying.deviation).toBeCloseTo(1);
  });
});
