import type { Condition } from '@vitrine/contracts';
import {
  corrupt,
  FROST_PICTURES,
  summariseCorruptions,
  type CorruptionSummary,
} from '@vitrine/ml-corruptions';
import type { VitConfig } from '@vitrine/ml-nn';

export type CorruptionCondition = Extract<Condition, { kind: 'corruption' }>;

interface NumberedImages {
  /** Images × C × S × S, in [0, 1], of whole bytes. */
  readonly pixels: Float32Array;
  readonly seed: number;
  /** Number of the first image within its data set. */
  readonly index: number;
}

/** The pixels as the corruption leaves them: as the published sets, whole bytes. */
export function corruptPixels(
  { pixels, seed, index }: NumberedImages,
  { corruption: kind, severity, scale }: CorruptionCondition,
  { channels, imageSize: size }: Pick<VitConfig, 'channels' | 'imageSize'>,
): Float32Array {
  const stride = channels * size ** 2;
  const corrupted = new Float32Array(pixels.length);
  for (let image = 0; image * stride < pixels.length; image++) {
    const bytes = Uint8Array.from(pixels.subarray(image * stride, (image + 1) * stride), (pixel) =>
      Math.round(pixel * 255),
    );
    const options = { kind, severity, scale, seed, index: index + image, frostPictures: FROST_PICTURES };
    corrupt({ pixels: bytes, channels, size }, options).forEach(
      (byte, at) => (corrupted[image * stride + at] = byte / 255),
    );
  }
  return corrupted;
}

/** What the accuracies under corruptions come to; undefined without any. */
export function corruptionSummary(
  results: readonly { readonly condition: Condition; readonly accuracy: number }[],
  classes: number,
): CorruptionSummary | undefined {
  const errors = results.flatMap(({ condition, accuracy }) =>
    condition.kind === 'corruption'
      ? [{ kind: condition.corruption, severity: condition.severity, error: 1 - accuracy }]
      : [],
  );
  const clean = results.find(({ condition }) => condition.kind === 'clean');
  const cleanError = clean && 1 - clean.accuracy;
  return errors.length > 0 ? summariseCorruptions(errors, { classes, cleanError }) : undefined;
}
