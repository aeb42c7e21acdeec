import { normal, uniform, type HostTensor } from '@vitrine/ml-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchEmbeddingNullSpace, relativeResidual } from './patch-embedding-null-space.js';
import { frobenius } from './patches.js';
import { VISIBLE_NOISES, visibleNoise, type VisibleNoise } from './visible-noise.js';

const shape = [6, 3, 4, 4] as const;
const weight: HostTensor = { dtype: 'float32', shape, data: normal({ seed: 1, purpose: 97 }, 6 * 48) };
const space = patchEmbeddingNullSpace(weight);
const imageSize = 8;
/** The pixels 0 and 1 of a model with mean 0.4 and standard deviation 0.2. */
const range = Array.from({ length: 3 }, () => ({ low: -2, high: 3 }));

const imageOf = (index: number): Float32Array =>
  uniform({ seed: 2, purpose: 97, index }, 192).map((value) => 5 * value - 2);

const noiseOf = (variant: VisibleNoise, image: Float32Array): Float32Array =>
  visibleNoise(space, { variant, image, imageSize, range, target: imageOf(7) });

const away = (a: Float32Array, b: Float32Array): number =>
  frobenius(a.map((value, i) => value - (b[i] ?? 0)));

describe('visible noise of the null space', () => {
  it.each(VISIBLE_NOISES)(
    '%s is a large change that the embedding does not see, and leaves a picture',
    (variant) => {
      const image = imageOf(1);
      const noise = noiseOf(variant, image);
      expect(relativeResidual(space, noise, imageSize)).toBeLessThan(1e-6);
      expect(frobenius(noise) / frobenius(image)).toBeGreaterThan(0.3);
      image.forEach((value, i) => {
        expect(value + (noise[i] ?? NaN)).toBeGreaterThan(-2 - 1e-5);
        expect(value + (noise[i] ?? NaN)).toBeLessThan(3 + 1e-5);
      });
    },
  );

  it('targeted brings the image nearer to the target than greedy does, and than it was', () => {
    const [image, target] = [imageOf(1), imageOf(7)];
    const to = (noise: Float32Array): number =>
      away(
        image.map((value, i) => value + (noise[i] ?? 0)),
        target,
      );
    expect(to(noiseOf('targeted', image))).toBeLessThan(0.8 * away(image, target));
    expect(to(noiseOf('targeted', image))).toBeLessThan(to(noiseOf('greedy', image)));
  });

  it('stays legal for any image, at the border of the range too', () => {
    const pixel = fc.oneof(fc.constantFrom(-2, 3, 0), fc.double({ min: -2, max: 3, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(pixel, { minLength: 192, maxLength: 192 }),
        fc.constantFrom(...VISIBLE_NOISES),
        (pixels, variant) => {
          const image = Float32Array.from(pixels);
          const noise = noiseOf(variant, image);
          expect(relativeResidual(space, noise, imageSize) * frobenius(noise)).toBeLessThan(1e-4);
          image.forEach((value, i) => {
            expect(value + (noise[i] ?? NaN)).toBeGreaterThan(-2 - 1e-4);
            expect(value + (noise[i] ?? NaN)).toBeLessThan(3 + 1e-4);
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});
