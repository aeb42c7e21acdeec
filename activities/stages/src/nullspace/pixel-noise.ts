import * as tf from '@tensorflow/tfjs-core';
import type { StageParams, StageSummary } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { logits, type Vit } from '@vitrine/ml-nn';
import {
  patchEmbeddingNullSpace,
  PIXEL_LIMITS,
  relativeResidual,
  samplePixelNoise,
  toNormalisedUnits,
  toPixelUnits,
  withinLimit,
  type PatchEmbeddingNullSpace,
  type PixelLimit,
} from '@vitrine/ml-nullspace';
import type { HostTensor } from '@vitrine/ml-tensor';
import type { ModelArtifact } from '../model-artifact.js';
import { pixelTensor } from '../training/pixels.js';

/** Enough for a mean; the residual is computed in float64 on the host. */
const JUDGED_IMAGES = 256;
const CHUNK = 64;

export interface PixelNoise {
  readonly space: PatchEmbeddingNullSpace;
  readonly facts: Omit<StageSummary<'nullspace-noise'>, 'pixelNoise' | 'noiseAsPixels' | 'noises'>;
  /** [C, S, S], in normalised pixels; zero when there is nothing to sample. */
  readonly noise: HostTensor;
}

/** The null space of a model's patch embedding, and one sample of it of the wanted norm. */
export function samplePatchNullSpace(
  { spec, weights }: ModelArtifact,
  { norm, margin, rankRule, basis }: StageParams<'nullspace-noise'>['pixels'],
  seed: number,
): PixelNoise {
  const weight = weights['patch_embed.proj.weight'] as HostTensor;
  const space = patchEmbeddingNullSpace(weight, { rule: rankRule, basis });
  const { channels, imageSize } = spec;
  const data =
    space.nullity === 0
      ? new Float32Array(channels * imageSize ** 2)
      : samplePixelNoise(space, { imageSize, norm, margin, seed });
  const { rank, nullity, ranks, tolerance } = space;
  return {
    space,
    facts: { rank, nullity, ranks, tolerance, relativeResidual: relativeResidual(space, data, imageSize) },
    noise: { dtype: 'float32', shape: [channels, imageSize, imageSize], data },
  };
}

/** What is left of the noise within each limit of a picture, and what the model then says; nothing when there is no noise. */
export function judgePixelNoise(
  vit: Vit,
  images: ImageSet,
  { space, noise }: PixelNoise,
): StageSummary<'nullspace-noise'>['pixelNoise'] {
  if (space.nullity === 0) return [];
  const { std, imageSize } = vit.config;
  const added = toPixelUnits(noise.data as Float32Array, std);
  const count = Math.min(JUDGED_IMAGES, images.count);
  const length = added.length;
  const totals = new Map(PIXEL_LIMITS.map((limit) => [limit, { residual: 0, changed: 0, match: 0 }]));
  for (let first = 0; first < count; first += CHUNK) {
    const { pixels } = imageSlice(images, first, Math.min(CHUNK, count - first));
    const before = predictions(vit, pixels);
    const within = (limit: PixelLimit): Float32Array => {
      const all = new Float32Array(pixels.length);
      for (let at = 0; at < pixels.length; at += length)
        all.set(withinLimit(limit, pixels.subarray(at, at + length), added), at);
      return all;
    };
    const unbounded = within('unbounded');
    for (const [limit, total] of totals) {
      const noisy = limit === 'unbounded' ? unbounded : within(limit);
      predictions(vit, noisy).forEach((predicted, i) => (total.match += predicted === before[i] ? 1 : 0));
      total.changed += noisy.reduce((sum, value, i) => sum + (value === unbounded[i] ? 0 : 1), 0) / length;
      for (let at = 0; at < pixels.length; at += length) {
        const left = noisy.slice(at, at + length).map((value, i) => value - (pixels[at + i] ?? 0));
        total.residual += relativeResidual(space, toNormalisedUnits(left, std), imageSize);
      }
    }
  }
  return [...totals].map(([limit, { residual, changed, match }]) => ({
    limit,
    images: count,
    relativeResidual: residual / count,
    changed: changed / count,
    match: match / count,
  }));
}

const predictions = (vit: Vit, pixels: Float32Array): Int32Array =>
  tf.tidy(() => tf.argMax(logits(vit, pixelTensor(vit.config, pixels)), 1).dataSync() as Int32Array);
