/**
 * RandAugment: Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space", NeurIPS 2020.
 * Reference followed: timm 1.0.31, `auto_augment.py`, its set `inc1`: every operation is stronger at a higher magnitude.
 *
 * Differs from the reference: the draws for an image are a function of (seed, step, place in the batch).
 */
import { Draws, PURPOSE } from '@vitrine/ml-tensor';
import { shearX, shearY, shiftX, shiftY, transform, turn, type AffineMatrix } from './affine-operations.js';
import type { ByteImage } from './byte-image.js';
import { brightness, color, contrast, sharpness } from './enhance-operations.js';
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from './tone-operations.js';

export interface RandAugmentPolicy {
  /** Operations for an image. */
  readonly layers: number;
  /** M, from 0; 10 is the strongest named. */
  readonly magnitude: number;
  /** Standard deviation of the magnitude. */
  readonly deviation: number;
  /** Magnitudes are cut here. */
  readonly largest: number;
  /** Of applying each of the operations. */
  readonly probability: number;
  /** What stands outside a moved image, a byte per channel. */
  readonly fill: readonly number[];
}

export const RAND_AUGMENT_OPERATIONS = [
  ...(['AutoContrast', 'Equalize', 'Invert', 'Rotate', 'Posterize', 'Solarize', 'SolarizeAdd'] as const),
  ...(['Color', 'Contrast', 'Brightness', 'Sharpness'] as const),
  ...(['ShearX', 'ShearY', 'TranslateX', 'TranslateY'] as const),
] as const;
export type RandAugmentOperation = (typeof RAND_AUGMENT_OPERATIONS)[number];

/** One operation as it is applied. */
export interface AppliedOperation {
  readonly operation: RandAugmentOperation;
  /** In [0, `largest`]. */
  readonly magnitude: number;
  /** The other way: turned clockwise, less instead of more. */
  readonly negated: boolean;
  readonly filter: 'bilinear' | 'bicubic';
}

/** The operations for the image at `index` of the batch of `step`. */
export function drawRandAugment(
  key: { readonly seed: number; readonly step: number; readonly index: number },
  { layers, magnitude, deviation, largest, probability }: RandAugmentPolicy,
): AppliedOperation[] {
  const draws = new Draws({ ...key, purpose: PURPOSE.strongAugmentation });
  return Array.from({ length: layers }, () => {
    const operation = RAND_AUGMENT_OPERATIONS[draws.integer(0, RAND_AUGMENT_OPERATIONS.length)];
    const applied = draws.uniform() < probability;
    const drawn = magnitude + deviation * draws.normal();
    const negated = draws.uniform() < 0.5;
    const filter = draws.uniform() < 0.5 ? ('bilinear' as const) : ('bicubic' as const);
    if (!applied || !operation) return [];
    return [{ operation, magnitude: Math.min(Math.max(drawn, 0), largest), negated, filter }];
  }).flat();
}

/** One operation on an image. */
export function applyOperation(
  image: ByteImage,
  { operation, magnitude, negated, filter }: AppliedOperation,
  fill: readonly number[],
): ByteImage {
  const level = magnitude / 10;
  const signed = (value: number): number => (negated ? -value : value);
  const factor = Math.max(0.1, 1 + signed(level * 0.9));
  const moved = (matrix: AffineMatrix): ByteImage => transform(image, matrix, { filter, fill });
  switch (operation) {
    case 'AutoContrast':
      return autoContrast(image);
    case 'Equalize':
      return equalize(image);
    case 'Invert':
      return invert(image);
    case 'Posterize':
      return posterize(image, 4 - Math.trunc(level * 4));
    case 'Solarize':
      return solarize(image, 256 - Math.min(256, Math.trunc(level * 256)));
    case 'SolarizeAdd':
      return solarizeAdd(image, Math.min(128, Math.trunc(level * 110)));
    case 'Color':
      return color(image, factor);
    case 'Contrast':
      return contrast(image, factor);
    case 'Brightness':
      return brightness(image, factor);
    case 'Sharpness':
      return sharpness(image, factor);
    case 'Rotate':
      return moved(turn(signed(level * 30), image.size));
    case 'ShearX':
      return moved(shearX(signed(level * 0.3)));
    case 'ShearY':
      return moved(shearY(signed(level * 0.3)));
    case 'TranslateX':
      return moved(shiftX(signed(level * 0.45) * image.size));
    case 'TranslateY':
      return moved(shiftY(signed(level * 0.45) * image.size));
  }
}

export const randAugment = (
  image: ByteImage,
  operations: readonly AppliedOperation[],
  fill: readonly number[],
): ByteImage => operations.reduce((current, operation) => applyOperation(current, operation, fill), image);
