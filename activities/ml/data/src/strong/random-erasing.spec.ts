import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eraseRandomly, type ErasingPolicy } from './random-erasing.js';

const policy: ErasingPolicy = {
  ...{ probability: 1, minArea: 0.02, maxArea: 1 / 3, minAspect: 0.3, mode: 'pixel' },
  ...{ mean: [0.4, 0.5], std: [0.2, 0.1] },
};
const size = 24;

/** The image after erasing, from one of −1. */
function erased(seed: number, over: Partial<ErasingPolicy> = {}, index = 0): Float32Array {
  const pixels = new Float32Array(2 * size ** 2).fill(-1);
  eraseRandomly(pixels, size, { key: { seed, step: 0, index }, policy: { ...policy, ...over } });
  return pixels;
}

describe('random erasing', () => {
  it('erases one rectangle of every channel, of the wanted area and shape', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), (seed) => {
        const pixels = erased(seed, { mode: 'const' });
        const places = [...pixels.subarray(0, size ** 2)].flatMap((pixel, at) => (pixel === -1 ? [] : [at]));
        const [rows, columns] = [places.map((at) => Math.floor(at / size)), places.map((at) => at % size)];
        const span = (of: number[]): number => Math.max(...of) - Math.min(...of) + 1;
        expect(places).toHaveLength(span(rows) * span(columns));
        // Sides are rounded: half a pixel each way.
        expect(places.length / size ** 2).toBeGreaterThan(0.005);
        expect(places.length / size ** 2).toBeLessThan(1 / 3 + 0.05);
        places.forEach((at) => {
          expect(pixels[at]).toBe(Math.fround(0.4));
          expect(pixels[size ** 2 + at]).toBe(0.5);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('fills with noise of the mean and deviation of the data', () => {
    const values = Array.from({ length: 60 }, (_, index) => [...erased(7, {}, index).subarray(0, size ** 2)])
      .flat()
      .filter((pixel) => pixel !== -1);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    // Some 6000 values: the standard error of the mean is 0.0026.
    expect(Math.abs(mean - 0.4)).toBeLessThan(0.015);
    expect(Math.abs(deviation - 0.2)).toBeLessThan(0.01);
  });

  it('is a function of its key, and does nothing at probability 0', () => {
    expect(erased(7)).toEqual(erased(7));
    expect(erased(8)).not.toEqual(erased(7));
    expect(erased(7, { probability: 0 }).every((pixel) => pixel === -1)).toBe(true);
  });
});
