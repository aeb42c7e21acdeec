/**
 * The common corruptions: Hendrycks & Dietterich, ICLR 2019: fifteen that the benchmark counts, and three of the four that it
 * keeps for validation.
 *
 * Differs from the reference: what is random about an image is a function of (seed, image, corruption, severity); motion blur is
 * ImageMagick's restated; pictures of ice are those of the 32 × 32 set, enlarged for larger images.
 */
import { Draws, PURPOSE } from '@vitrine/ml-tensor';
import { defocusBlur, gaussianBlur, glassBlur, motionBlur, zoomBlur } from './blurs.js';
import {
  planesOf,
  toBytes,
  type ByteImage,
  type Corruptible,
  type FrostPicture,
} from './corruption-image.js';
import { elasticTransform, pixelate } from './geometry.js';
import { jpegRoundTrip } from './jpeg.js';
import { gaussianNoise, impulseNoise, shotNoise, speckleNoise } from './noises.js';
import type { Plane } from './plane.js';
import { ELASTIC_UNIT, STRENGTHS, type CorruptionScale } from './severities.js';
import { brightness, contrast, saturate } from './tones.js';
import { fog, frost, snow } from './weathers.js';

/** In the order of the benchmark. */
export const BENCHMARK_CORRUPTIONS = [
  ...(['gaussian_noise', 'shot_noise', 'impulse_noise'] as const),
  ...(['defocus_blur', 'glass_blur', 'motion_blur', 'zoom_blur'] as const),
  ...(['snow', 'frost', 'fog', 'brightness'] as const),
  ...(['contrast', 'elastic_transform', 'pixelate', 'jpeg_compression'] as const),
] as const;
export const EXTRA_CORRUPTIONS = ['speckle_noise', 'gaussian_blur', 'saturate'] as const;

export type CorruptionKind = (typeof BENCHMARK_CORRUPTIONS)[number] | (typeof EXTRA_CORRUPTIONS)[number];

const ALL: readonly CorruptionKind[] = [...BENCHMARK_CORRUPTIONS, ...EXTRA_CORRUPTIONS];

export interface CorruptionOptions {
  readonly kind: CorruptionKind;
  /** From 1 to 5. */
  readonly severity: number;
  readonly scale: CorruptionScale;
  readonly seed: number;
  /** Number of the image within its data set. */
  readonly index: number;
  readonly frostPictures: readonly FrostPicture[];
}

/** The bytes of a corrupted image. @throws RangeError when the severity is none */
export function corrupt(image: ByteImage, options: CorruptionOptions): Uint8Array {
  const { kind, severity, scale, seed, index } = options;
  if (![1, 2, 3, 4, 5].includes(severity))
    throw new RangeError(`severity: expected 1, 2, 3, 4 or 5, got ${severity}`);
  const strengths = STRENGTHS[scale];
  const at = severity - 1;
  if (kind === 'jpeg_compression') return jpegRoundTrip(image, strengths[kind][at] as number);
  if (kind === 'pixelate')
    return pixelate(image, strengths[kind][at] as number, scale === 'cifar' ? 'box' : 'nearest');
  const draws = new Draws({
    seed,
    purpose: PURPOSE.corruption,
    step: ALL.indexOf(kind) * 8 + severity,
    index,
  });
  return toBytes(corruptPlanes({ planes: planesOf(image), draws }, { ...options, kind }));
}

function corruptPlanes(
  image: Corruptible,
  { kind, severity, scale, frostPictures }: CorruptionOptions & { readonly kind: PlaneCorruption },
): Plane[] {
  const strengthOf = <K extends PlaneCorruption>(of: K) =>
    STRENGTHS[scale][of][severity - 1] as (typeof STRENGTHS)[CorruptionScale][K][number];
  const applied: Record<PlaneCorruption, () => Plane[]> = {
    gaussian_noise: () => gaussianNoise(image, strengthOf('gaussian_noise')),
    shot_noise: () => shotNoise(image, strengthOf('shot_noise')),
    impulse_noise: () => impulseNoise(image, strengthOf('impulse_noise')),
    speckle_noise: () => speckleNoise(image, strengthOf('speckle_noise')),
    defocus_blur: () => defocusBlur(image, strengthOf('defocus_blur')),
    glass_blur: () => glassBlur(image, strengthOf('glass_blur')),
    motion_blur: () => motionBlur(image, strengthOf('motion_blur')),
    zoom_blur: () => zoomBlur(image, strengthOf('zoom_blur')),
    gaussian_blur: () => gaussianBlur(image, strengthOf('gaussian_blur')),
    snow: () => snow(image, strengthOf('snow')),
    frost: () => frost(image, strengthOf('frost'), frostPictures),
    fog: () => fog(image, strengthOf('fog')),
    brightness: () => brightness(image, strengthOf('brightness')),
    contrast: () => contrast(image, strengthOf('contrast')),
    saturate: () => saturate(image, strengthOf('saturate')),
    elastic_transform: () => elasticTransform(image, strengthOf('elastic_transform'), ELASTIC_UNIT[scale]),
  };
  return applied[kind]();
}

type PlaneCorruption = Exclude<CorruptionKind, 'jpeg_compression' | 'pixelate'>;
