import * as tf from '@tensorflow/tfjs-core';
import type { noiseInfluenceSchema } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { logits, type Vit } from '@vitrine/ml-nn';
import {
  averageInfluence,
  cleanOutputs,
  noiseInfluence,
  patchEmbeddingNullSpace,
  permuteNoise,
  relativeResidual,
  samplePixelNoise,
  splitVit,
  toPixelUnits,
  type NoiseInfluence,
} from '@vitrine/ml-nullspace';
import type { HostTensor, StateDict } from '@vitrine/ml-tensor';
import type { z } from 'zod';
import type { ModelArtifact } from '../model-artifact.js';
import type { ExampleTreatment } from '../noise-artifact.js';
import { pixelTensor } from '../training/pixels.js';

const CHUNK = 128;
const EXAMPLES = 8;

export interface PatchNullSpace {
  readonly rank: number;
  readonly nullity: number;
  /** Of the sample; 0 when there is nothing to sample. */
  readonly relativeResidual: number;
  readonly singularValues: number[];
  /** [C, S, S], in normalised pixels; zero when there is nothing to sample. */
  readonly pixelNoise: HostTensor;
}

/** The null space of a model's patch embedding, and one sample of it of the wanted norm. */
export function patchNullSpace(
  { spec, weights }: ModelArtifact,
  sample: { readonly norm: number; readonly seed: number },
): PatchNullSpace {
  const space = patchEmbeddingNullSpace(weights['patch_embed.proj.weight'] as HostTensor);
  const { channels, imageSize } = spec;
  const empty = space.nullity === 0;
  const data = empty
    ? new Float32Array(channels * imageSize ** 2)
    : samplePixelNoise(space, { ...sample, imageSize });
  return {
    rank: space.rank,
    nullity: space.nullity,
    relativeResidual: empty ? 0 : relativeResidual(space, data, imageSize),
    singularValues: [...space.singularValues],
    pixelNoise: { dtype: 'float32', shape: [channels, imageSize, imageSize], data },
  };
}

/** A noise of the encoder, with the model and the images on which it is judged. */
export interface JudgedNoise {
  readonly vit: Vit;
  readonly images: ImageSet;
  /** [1, N, D]. */
  readonly noise: HostTensor;
}

type Influence = z.infer<typeof noiseInfluenceSchema>;

/**
 * What a noise does to the outputs on all images, beside its permuted control.
 * @param options.onChunk called after every chunk of images with the number done
 */
export async function influenceOn(
  { vit, images, noise }: JudgedNoise,
  options: { readonly seed: number; readonly onChunk: (done: number) => Promise<void> },
): Promise<{ learned: Influence; permuted: Influence }> {
  const model = splitVit(vit);
  const permutation = permuteNoise(noise.data as Float32Array, { seed: options.seed });
  const shape = noise.shape as [number, number, number];
  const noise_1ND = tf.tensor3d(noise.data, shape);
  const permuted_1ND = tf.tensor3d(permutation, shape);
  const parts: { learned: NoiseInfluence; permuted: NoiseInfluence }[] = [];
  try {
    for (let first = 0; first < images.count; first += CHUNK) {
      const { pixels, labels } = imageSlice(images, first, Math.min(CHUNK, images.count - first));
      tf.tidy(() => {
        const clean = cleanOutputs(model, pixelTensor(vit.config, pixels));
        parts.push({
          learned: noiseInfluence(model, clean, noise_1ND),
          permuted: noiseInfluence(model, clean, permuted_1ND),
        });
      });
      await options.onChunk(first + labels.length);
    }
  } finally {
    tf.dispose([noise_1ND, permuted_1ND]);
  }
  const figures = (key: 'learned' | 'permuted'): Influence => {
    const { mseProbs, match } = averageInfluence(parts.map((part) => part[key]));
    return { mseProbs, match };
  };
  return { learned: figures('learned'), permuted: figures('permuted') };
}

/** The first image of each class, at most eight, and the logits for each treatment: arrays of a noise artifact. */
export function examplesOf({ vit, images, noise }: JudgedNoise, pixelNoise: HostTensor): StateDict {
  const chosen = firstOfEachClass(images);
  const { channels, imageSize, classes, std } = vit.config;
  const slices = chosen.map((image) => imageSlice(images, image, 1));
  const pixels = Float32Array.from(slices.flatMap((slice) => [...slice.pixels]));
  const count = chosen.length;
  const answers: Record<string, HostTensor> = {};
  const say = (treatment: ExampleTreatment, input_ECSS: tf.Tensor4D, noise_1ND?: tf.Tensor3D): void => {
    const data = logits(vit, input_ECSS, noise_1ND).dataSync() as Float32Array;
    answers[`examples.logits.${treatment}`] = { dtype: 'float32', shape: [count, classes], data };
  };
  tf.tidy(() => {
    const clean_ECSS = pixelTensor(vit.config, pixels);
    const noise_1CSS = pixelTensor(vit.config, toPixelUnits(pixelNoise.data as Float32Array, std));
    const noisy_ECSS = tf.add<tf.Tensor4D>(clean_ECSS, noise_1CSS);
    say('clean', clean_ECSS);
    say('pixelNoise', noisy_ECSS);
    say('clippedPixelNoise', tf.clipByValue(noisy_ECSS, 0, 1));
    say('encoderNoise', clean_ECSS, tf.tensor3d(noise.data, noise.shape as [number, number, number]));
  });
  return {
    'examples.pixels': { dtype: 'float32', shape: [count, channels, imageSize, imageSize], data: pixels },
    'examples.labels': {
      dtype: 'int32',
      shape: [count],
      data: Int32Array.from(chosen, (image) => images.labels[image] ?? 0),
    },
    ...answers,
  };
}

function firstOfEachClass({ labels, classNames }: ImageSet): number[] {
  return classNames
    .map((_, label) => labels.indexOf(label))
    .filter((image) => image >= 0)
    .slice(0, EXAMPLES);
}
