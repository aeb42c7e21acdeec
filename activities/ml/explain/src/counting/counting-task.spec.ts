import { describe, expect, it } from 'vitest';
import { areaUnderRoc, countingGrid, countingScores } from './counting-task.js';

const shape = { cells: 3, cellSize: 2 };
const grids = Array.from({ length: 5000 }, (_, index) => countingGrid(shape, { seed: 3, step: 0, index }));

describe('the counting task', () => {
  it('labels each grid with the red cells that it shows', () => {
    for (const { pixels, label, red } of grids.slice(0, 300)) {
      const shown = Array.from({ length: 9 }, (_, cell) => {
        const at = Math.floor(cell / 3) * 12 + (cell % 3) * 2;
        return [pixels[at], pixels[at + 36], pixels[at + 72]].join('') === '100' ? 1 : 0;
      });
      expect([...red]).toEqual(shown);
      expect(label).toBe(shown.reduce<number>((sum, value) => sum + value, 0));
    }
  });

  it('has all counts equally often, and red in all places', () => {
    const chiSquare = (counts: number[]): number => {
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    };
    const labels = Array.from({ length: 10 }, (_, n) => grids.filter(({ label }) => label === n).length);
    // The 99.9 % quantiles of 9 and 8 degrees of freedom; the grids are the same in every run.
    expect(chiSquare(labels)).toBeLessThan(27.9);
    const places = Array.from({ length: 9 }, (_, cell) => grids.filter(({ red }) => red[cell] === 1).length);
    expect(chiSquare(places)).toBeLessThan(26.1);
  });

  it('has five other colours, equally often', () => {
    const counts = new Map<string, number>();
    for (const { pixels } of grids) {
      const colour = [pixels[0], pixels[36], pixels[72]].join('');
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['001', '010', '011', '100', '101', '110']);
    const others = [...counts].filter(([colour]) => colour !== '100').map(([, count]) => count);
    expect(Math.max(...others) / Math.min(...others)).toBeLessThan(1.3);
  });
});

describe('the scores', () => {
  it('take the red set or its complement, and leave out grids that are all one', () => {
    const red = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
    const maps = Float32Array.of(1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1);
    expect(countingScores(maps, red, 4)).toEqual({ exactMatch: 1, iou: 1, auc: 1, binary: 1 });
    const wrong = Float32Array.of(1, 0, 0, 0, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5);
    expect(countingScores(wrong, red, 4)).toMatchObject({ exactMatch: 0, auc: 0.625 });
  });

  it('count ties of the ROC curve half', () => {
    expect(areaUnderRoc(Float32Array.of(1, 1, 0), Uint8Array.of(1, 0, 0))).toBe(0.75);
  });
});
