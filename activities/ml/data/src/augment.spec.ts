import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentImage, drawAugmentation, type Augmentation } from './augment.js';

const channels = 3;
const size = 6;
const image = Uint8Array.from({ length: channels * size * size }, (_, i) => (i * 53 + 1) % 256);

function augmented(source: Uint8Array, augmentation: Augmentation): Float32Array {
  const out = new Float32Array(source.length).fill(Number.NaN);
  augmentImage(source, out, { ...augmentation, channels, size });
  return out;
}

/** The textbook way: a zero-padded copy, a window of it, its rows reversed. */
function paddedCropAndFlip(
  source: Uint8Array,
  padding: number,
  { top, left, mirror }: Augmentation,
): number[] {
  const padded = Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: size + 2 * padding }, (_row, row) =>
      Array.from({ length: size + 2 * padding }, (_column, column) => {
        const [y, x] = [row - padding, column - padding];
        return y < 0 || y >= size || x < 0 || x >= size
          ? 0
          : (source[(channel * size + y) * size + x] ?? 0) / 255;
      }),
    ),
  );
  return padded
    .flatMap((plane) => plane.slice(padding + top, padding + top + size))
    .flatMap((row) => {
      const window = row.slice(padding + left, padding + left + size);
      return mirror ? window.reverse() : window;
    });
}

const augmentations = fc.record({
  top: fc.integer({ min: -4, max: 4 }),
  left: fc.integer({ min: -4, max: 4 }),
  mirror: fc.boolean(),
});

describe('crop and flip', () => {
  it('equal padding with zeros, cutting a window and reversing its rows', () => {
    fc.assert(
      fc.property(augmentations, (augmentation) => {
        const expected = Float32Array.from(paddedCropAndFlip(image, 4, augmentation));
        expect(augmented(image, augmentation)).toEqual(expected);
      }),
    );
  });

  it('mirror twice to the image itself', () => {
    const mirror = { top: 0, left: 0, mirror: true };
    const once = Uint8Array.from(augmented(image, mirror), (value) => Math.round(value * 255));
    expect(once).not.toEqual(image);
    expect(augmented(once, mirror)).toEqual(augmented(image, { ...mirror, mirror: false }));
  });
});

describe('the drawn augmentation', () => {
  const keys = fc.record({ seed: fc.nat(), step: fc.nat(10_000), index: fc.nat(512) });

  it('keeps the crop inside the padded image', () => {
    fc.assert(
      fc.property(keys, fc.nat(16), fc.boolean(), (key, cropPadding, flip) => {
        const { top, left, mirror } = drawAugmentation(key, { cropPadding, flip });
        expect(Math.max(Math.abs(top), Math.abs(left))).toBeLessThanOrEqual(cropPadding);
        expect(mirror && !flip).toBe(false);
      }),
    );
  });

  it('takes every offset and both sides about equally often', () => {
    const draws = Array.from({ length: 9000 }, (_, index) =>
      drawAugmentation({ seed: 5, step: 2, index }, { cropPadding: 4, flip: true }),
    );
    for (let offset = -4; offset <= 4; offset++) {
      // 1000 expected, standard deviation 30: five of them on each side.
      expect(Math.abs(draws.filter(({ top }) => top === offset).length - 1000)).toBeLessThan(150);
      expect(Math.abs(draws.filter(({ left }) => left === offset).length - 1000)).toBeLessThan(150);
    }
    expect(Math.abs(draws.filter(({ mirror }) => mirror).length - 4500)).toBeLessThan(240);
  });

  it('differs between steps and between places in the batch', () => {
    const policy = { cropPadding: 16, flip: true };
    const first = drawAugmentation({ seed: 5, step: 2, index: 0 }, policy);
    expect(drawAugmentation({ seed: 5, step: 3, index: 0 }, policy)).not.toEqual(first);
    expect(drawAugmentation({ seed: 5, step: 2, index: 1 }, policy)).not.toEqual(first);
  });
});
