import { describe, expect, it } from 'vitest';
import { accuracyOf, wilsonInterval } from './accuracy.js';

describe('accuracy', () => {
  it('counts rows whose largest logit stands at the label', () => {
    const logits = new Float32Array([1, 2, 0, 5, -1, 3, -3, -2, -1]);
    expect(accuracyOf(logits, new Uint8Array([1, 0, 2]), 3)).toBe(3);
    expect(accuracyOf(logits, new Int32Array([0, 0, 2]), 3)).toBe(2);
  });

  it('gives a tie to the first class', () => {
    const logits = new Float32Array([2, 2, 0]);
    expect(accuracyOf(logits, new Uint8Array([0]), 3)).toBe(1);
    expect(accuracyOf(logits, new Uint8Array([1]), 3)).toBe(0);
  });

  it('counts a row that holds no number as wrong, whatever its label', () => {
    const logits = new Float32Array([NaN, 1, 2, 1, NaN, 0]);
    for (const label of [0, 1, 2]) expect(accuracyOf(logits, new Uint8Array([label, label]), 3)).toBe(0);
  });

  it('refuses logits that do not fit the labels', () => {
    expect(() => accuracyOf(new Float32Array(5), new Uint8Array(2), 3)).toThrow(
      'expected 2 × 3 logits for 2 labels, got 5',
    );
  });
});

describe("Wilson's interval", () => {
  it('is that of the literature', () => {
    // Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    const rounded = (correct: number, total: number): number[] =>
      wilsonInterval(correct, total).map((bound) => Math.round(bound * 1e4) / 1e4);
    expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
    expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
    expect(rounded(0, 20)).toEqual([0, 0.1611]);
    expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
  });

  it('mirrors under exchange of right and wrong, and stays in [0, 1]', () => {
    const [low, high] = wilsonInterval(7, 9);
    expect(wilsonInterval(2, 9)[0]).toBeCloseTo(1 - high, 12);
    expect(wilsonInterval(2, 9)[1]).toBeCloseTo(1 - low, 12);
    expect(wilsonInterval(9, 9)[1]).toBe(1);
  });

  it('refuses counts that are none', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('expected 0 ≤ correct ≤ total, got 3 of 2');
    expect(() => wilsonInterval(0, 0)).toThrow(RangeError);
    expect(() => wilsonInterval(NaN, 5)).toThrow(RangeError);
  });
});
