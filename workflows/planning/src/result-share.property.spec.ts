import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultShare } from './result-share.js';

describe('the share of a result', () => {
  it('is never more than travels, never less than references need, and in sum what a history holds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (results) => {
        const share = resultShare(results);
        expect(share).toBeGreaterThanOrEqual(2048);
        expect(share).toBeLessThanOrEqual(256 * 1024);
        expect(share * results).toBeLessThanOrEqual(8 * 2 ** 20);
      }),
    );
    expect(resultShare(32)).toBe(256 * 1024);
  });
});
