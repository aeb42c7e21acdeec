/** Axes: `B` batch, `C` channels, `H` rows, `W` columns (H = W = size). */

import { padTo } from '@vitrine/ml-tensor';

/** Labelled 8-bit images, channels first: `pixels` holds count × C × H × W bytes, `labels` one number per image. */
export interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array | Uint16Array;
  readonly count: number;
  readonly channels: number;
  readonly size: number;
}

/** Where a batch is written: `pixels` [B, C, H, W] in [0, 1], `labels` [B]. */
export interface BatchBuffers {
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
  /** Of images that are blended: the partner's label, and the share of the image's own, [B] each. */
  readonly mix?: { readonly partners: Int32Array; readonly shares: Float32Array } | undefined;
}

export const pixelsPerImage = ({ channels, size }: Pick<Images, 'channels' | 'size'>): number =>
  channels * size * size;

/** Fresh buffers for `batchSize` images, blended ones where `mixed`. */
export function batchBuffers(
  images: Pick<Images, 'channels' | 'size'>,
  batchSize: number,
  mixed = false,
): BatchBuffers {
  return {
    pixels: new Float32Array(batchSize * pixelsPerImage(images)),
    labels: new Int32Array(batchSize),
    ...(mixed && { mix: { partners: new Int32Array(batchSize), shares: new Float32Array(batchSize) } }),
  };
}

/** Images `first … first + count − 1` in order and as they are, for evaluation. */
export function imageSlice(images: Images, first: number, count: number): BatchBuffers {
  const stride = pixelsPerImage(images);
  const bytes = images.pixels.subarray(first * stride, (first + count) * stride);
  return {
    pixels: Float32Array.from(bytes, toUnit),
    labels: Int32Array.from(images.labels.subarray(first, first + count)),
  };
}

/** The same in the size that programs take, filled up with zeros that do not count. */
export function imageBatch(images: Images, first: number, { count, size }: BatchSize): BatchBuffers {
  const { pixels, labels } = imageSlice(images, first, count);
  return { pixels: padTo(pixels, size * pixelsPerImage(images)), labels: padTo(labels, size) };
}

export interface BatchSize {
  /** Images that there are. */
  readonly count: number;
  /** Images with those that fill up. */
  readonly size: number;
}

/** A byte as intensity in [0, 1]; 255 is exactly 1. */
export const toUnit = (byte: number): number => byte / 255;
