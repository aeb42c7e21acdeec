import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatMetric, formatRate } from './format.js';

describe('a figure for people', () => {
  it.each([
    [0, '0.0 s'],
    [8.44, '8.4 s'],
    [9.96, '10 s'],
    [59.6, '1 min 0 s'],
    [192, '3 min 12 s'],
    [3599.7, '1 h 0 min'],
    [7500, '2 h 5 min'],
    [Infinity, '?'],
    [-1, '?'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [0, ''],
    [0.05, '20 s a step'],
    [4.66, '4.7 steps/s'],
    [123.4, '123 steps/s'],
  ])('says %d steps a second as %j', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it.each([
    [2.302585, '2.303'],
    [0.0451, '0.0451'],
    [0.00012, '1.2e-4'],
    [12, '12'],
    [123456789.5, '1.2e+8'],
    [NaN, 'NaN'],
  ])('says %d as %s', (value, text) => {
    expect(formatMetric(value)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [163_300_000, '163 MB'],
    [5e15, '5.00e+3 TB'],
  ])('says %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
