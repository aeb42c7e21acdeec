import { describe, expect, it } from 'vitest';
import { STYLE } from './style.js';

type Rgb = readonly [number, number, number];

/** The tokens of one block of the style sheet. */
function tokensOf(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]),
  );
}
const light = tokensOf(STYLE.slice(STYLE.indexOf(':root'), STYLE.indexOf('@media')));
const darkFrom = STYLE.indexOf('prefers-color-scheme: dark');
const dark = tokensOf(STYLE.slice(darkFrom, STYLE.indexOf('@media print')));

const rgbOf = (hex = ''): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const s = value / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: Rgb, b: Rgb): number {
  const [dim = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s colours', (_scheme, tokens) => {
  const colour = (name: string): Rgb => rgbOf(tokens[name]);

  it.each(['text', 'second', 'third', 'accent'])('%s is read on canvas, panel and sunken ground', (name) => {
    for (const ground of ['canvas', 'panel', 'sunken'])
      expect(contrast(colour(name), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('marks are read on their tint', () => {
    for (const mark of ['warn', 'good'])
      expect(contrast(colour(mark), colour(`${mark}-tint`))).toBeGreaterThanOrEqual(4.5);
  });

  it('lines of all eight series are seen on the panel', () => {
    for (let i = 0; i < 8; i++) expect(contrast(colour(`c${i}`), colour('panel'))).toBeGreaterThanOrEqual(3);
  });

  it('numbers are read on the strongest cell of a confusion matrix', () => {
    const [heat, most] = [tokens['heat']?.split(' ').map(Number), Number(tokens['heat-most'])];
    const cell = colour('panel').map(
      (value, i) => value + most * ((heat?.[i] ?? NaN) - value),
    ) as unknown as Rgb;
    expect(contrast(colour('text'), cell)).toBeGreaterThanOrEqual(4.5);
  });
});
