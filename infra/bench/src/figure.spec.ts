import { describe, expect, it } from 'vitest';
import { figure, figureLine, readFigures } from './figure.js';

describe('figures in a file', () => {
  const figures = [
    figure('a', 1, { unit: 's', spread: 0 }),
    figure('b', 2, { unit: 's', spread: 0, peer: 4 }),
  ];

  it('come back as they were written', () => {
    expect(readFigures(figures.map(figureLine).join(''))).toEqual(figures);
  });

  it('come back without a last line that was cut off', () => {
    const text = figures.map(figureLine).join('');
    expect(readFigures(text.slice(0, -3))).toEqual(figures.slice(0, 1));
  });

  it('are none in an empty file', () => {
    expect(readFigures('')).toEqual([]);
  });
});
