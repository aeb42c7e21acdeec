import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale } from './scale.js';

const range = [0, 100] as const;

describe('a linear scale', () => {
  it('ends at round numbers around the data', () => {
    const scale = linearScale({ from: 1.83, to: 2.37, range, ticks: 4 });
    expect(scale.ticks).toEqual([1.8, 2, 2.2, 2.4]);
    expect(scale.at(1.8)).toBeCloseTo(0, 9);
    expect(scale.at(2.4)).toBeCloseTo(100, 9);
  });

  it('has whole ticks where only whole numbers mean something', () => {
    expect(linearScale({ from: 1, to: 3, range, ticks: 5, whole: true }).ticks).toEqual([1, 2, 3]);
    expect(linearScale({ from: 0, to: 12, range, ticks: 5, whole: true }).ticks).toEqual([0, 5, 10, 15]);
  });

  it('takes data of one value', () => {
    expect(linearScale({ from: 3, to: 3, range, ticks: 4 }).ticks.length).toBeGreaterThan(1);
    expect(linearScale({ from: 0, to: 0, range, ticks: 4 }).at(0)).toBe(0);
    expect(linearScale({ from: 5e-324, to: 5e-324, range, ticks: 4 }).at(5e-324)).toBeCloseTo(0, 9);
    const close = linearScale({ from: 1e6, to: 1e6 + 1e-6, range, ticks: 4 });
    expect(close.at(1e6)).toBeCloseTo(close.at(1e6 + 1e-6), 6);
  });

  it('keeps all data inside its range, and its ticks in order and not too many', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const { at, ticks } = linearScale({ from, to, range, ticks: 5 });
        for (const inside of [from, to]) {
          expect(at(inside)).toBeGreaterThanOrEqual(-1e-6);
          expect(at(inside)).toBeLessThanOrEqual(100 + 1e-6);
        }
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect([...ticks].sort((x, y) => x - y)).toEqual(ticks);
      }),
    );
  });
});

describe('a logarithmic scale', () => {
  it('ends at powers of ten and gives equal ratios equal room', () => {
    const { at, ticks } = logScale({ from: 0.02, to: 5, range, ticks: 4 });
    expect(ticks).toEqual([0.01, 0.1, 1, 10]);
    expect(at(0.1) - at(0.01)).toBeCloseTo(at(10) - at(1), 9);
    expect(at(0.01)).toBeCloseTo(0, 9);
  });

  it('leaves out ticks when there are many powers', () => {
    expect(logScale({ from: 1e-9, to: 1, range, ticks: 4 }).ticks.length).toBeLessThanOrEqual(5);
  });
});
