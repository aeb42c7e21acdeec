import * as tf from '@tensorflow/tfjs-core';
import type { StageSummary } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { logits, type Vit } from '@vitrine/ml-nn';
import {
  boundedPixels,
  fromPatches,
  noiseLeftOver,
  shortestPixels,
  toPatches,
  toPixelUnits,
  type PatchEmbeddingNullSpace,
} from '@vitrine/ml-nullspace';
import type { HostTensor } from '@vitrine/ml-tensor';
import { pixelTensor } from '../training/pixels.js';

/** A picture takes some hundred steps of its own. */
const JUDGED_IMAGES = 32;

/** What of the first encoder noise pixels can bring about, without bounds and in pictures, and what the model then says. */
export function judgeNoiseAsPixels(
  vit: Vit,
  images: ImageSet,
  { space, encoderNoise }: { readonly space: PatchEmbeddingNullSpace; readonly encoderNoise: HostTensor },
): StageSummary<'nullspace-noise'>['noiseAsPixels'] {
  const { imageSize, channels, patchSize, std } = vit.config;
  const grid = { channels, patchSize, imageSize };
  const [, N = 0, D = 0] = encoderNoise.shape;
  const noise_ND = encoderNoise.data.slice(0, N * D) as Float32Array;
  const count = Math.min(JUDGED_IMAGES, images.count);
  const { pixels } = imageSlice(images, 0, count);
  const length = pixels.length / count;
  const perImage = (make: (image: Float32Array) => Float64Array): Float64Array => {
    const all = new Float64Array(pixels.length);
    for (let at = 0; at < pixels.length; at += length) all.set(make(pixels.subarray(at, at + length)), at);
    return all;
  };
  const plane = imageSize ** 2;
  /** How far the normalised pixels of an image may move to the value of `bound`, patch by patch. */
  const roomTo = (bound: 0 | 1): Float64Array =>
    perImage((image) =>
      toPatches(
        grid,
        image.map((value, i) => (bound - value) / (std[Math.floor(i / plane)] ?? 1)),
      ),
    );
  const P = count * N;
  const bounded = tf.tidy(() =>
    boundedPixels(space, {
      noise_PD: tf.tile(tf.tensor2d(noise_ND, [N, D]), [count, 1]),
      low_PM: tf.tensor2d(Float32Array.from(roomTo(0)), [P, length / N]),
      high_PM: tf.tensor2d(Float32Array.from(roomTo(1)), [P, length / N]),
    }).dataSync(),
  ) as Float32Array;
  const shortest = shortestPixels(space, noise_ND);
  const said = predictions(vit, pixels);
  const judge = (limit: 'unbounded' | 'clipped', change: (at: number) => Float64Array) => {
    let residual = 0;
    const noisy = pixels.slice();
    for (let image = 0; image < count; image++) {
      const own = change(image * length);
      residual += noiseLeftOver(space, own, noise_ND);
      toPixelUnits(fromPatches(grid, own), std).forEach(
        (value, i) => (noisy[image * length + i] = (noisy[image * length + i] ?? 0) + value),
      );
    }
    const kept = predictions(vit, noisy).filter((predicted, i) => predicted === said[i]).length;
    return { limit, images: count, relativeResidual: residual / count, match: kept / count };
  };
  return [
    judge('unbounded', () => shortest),
    judge('clipped', (at) => Float64Array.from(bounded.subarray(at, at + length))),
  ];
}

const predictions = (vit: Vit, pixels: Float32Array): Int32Array =>
  tf.tidy(() => tf.argMax(logits(vit, pixelTensor(vit.config, pixels)), 1).dataSync() as Int32Array);
