import * as tf from '@tensorflow/tfjs-core';
import type { ImageSet } from '@vitrine/datasets';
import { imageSlice } from '@vitrine/ml-data';
import { logits, type Vit } from '@vitrine/ml-nn';
import { toNormalisedUnits, toPixelUnits, visibleNoise, type VisibleNoise } from '@vitrine/ml-nullspace';
import type { HostTensor, StateDict } from '@vitrine/ml-tensor';
import type { ExampleTreatment } from '../noise-artifact.js';
import { pixelTensor } from '../training/pixels.js';
import type { PixelNoise } from './pixel-noise.js';

const EXAMPLES = 8;

export interface ExampleNoises {
  readonly vit: Vit;
  readonly images: ImageSet;
  /** [M, N, D]; the first is shown. */
  readonly encoderNoise: HostTensor;
  readonly pixelNoise: PixelNoise;
  readonly visible: readonly VisibleNoise[];
}

/** The first image of each class, at most eight, and the logits for each treatment: arrays of a noise artifact. */
export function examplesOf({ vit, images, encoderNoise, pixelNoise, visible }: ExampleNoises): StateDict {
  const chosen = firstOfEachClass(images);
  const { channels, imageSize, classes, std } = vit.config;
  const slices = chosen.map((image) => imageSlice(images, image, 1));
  const pixels = Float32Array.from(slices.flatMap((slice) => [...slice.pixels]));
  const count = chosen.length;
  const pictures = (data: Float32Array): HostTensor => ({
    dtype: 'float32',
    shape: [count, channels, imageSize, imageSize],
    data,
  });
  const answers: Record<string, HostTensor> = {};
  const say = (treatment: ExampleTreatment | VisibleNoise, input_ECSS: tf.Tensor4D, noise?: tf.Tensor3D) => {
    const data = logits(vit, input_ECSS, noise).dataSync() as Float32Array;
    answers[`examples.logits.${treatment}`] = { dtype: 'float32', shape: [count, classes], data };
  };
  const shown: Record<string, HostTensor> = {};
  tf.tidy(() => {
    const clean_ECSS = pixelTensor(vit.config, pixels);
    const added = toPixelUnits(pixelNoise.noise.data as Float32Array, std);
    const noisy_ECSS = tf.add<tf.Tensor4D>(clean_ECSS, pixelTensor(vit.config, added));
    say('clean', clean_ECSS);
    say('pixelNoise', noisy_ECSS);
    say('clippedPixelNoise', tf.clipByValue(noisy_ECSS, 0, 1));
    const [, N, D] = encoderNoise.shape as [number, number, number];
    say('encoderNoise', clean_ECSS, tf.tensor3d(encoderNoise.data.slice(0, N * D), [1, N, D]));
    for (const variant of pixelNoise.space.nullity > 0 ? visible : []) {
      const noisy = withVisibleNoise(vit, pixels, { variant, pixelNoise });
      shown[`examples.visible.${variant}`] = pictures(noisy);
      say(variant, pixelTensor(vit.config, noisy));
    }
  });
  return {
    'examples.pixels': pictures(pixels),
    'examples.labels': {
      dtype: 'int32',
      shape: [count],
      data: Int32Array.from(chosen, (image) => images.labels[image] ?? 0),
    },
    ...answers,
    ...shown,
  };
}

/** Every picture with the most visible noise that leaves it one; `targeted` aims at the next picture. */
function withVisibleNoise(
  { config }: Vit,
  pixels: Float32Array,
  { variant, pixelNoise }: { readonly variant: VisibleNoise; readonly pixelNoise: PixelNoise },
): Float32Array {
  const { mean, std, imageSize, channels } = config;
  const length = channels * imageSize ** 2;
  const normalised = (image: Float32Array): Float32Array =>
    toNormalisedUnits(
      image.map((value, i) => value - (mean[Math.floor(i / imageSize ** 2)] ?? 0)),
      std,
    );
  const range = mean.map((centre, channel) => ({
    low: -centre / (std[channel] ?? 1),
    high: (1 - centre) / (std[channel] ?? 1),
  }));
  const noisy = pixels.slice();
  for (let first = 0; first < pixels.length; first += length) {
    const next = (first + length) % pixels.length;
    const noise = visibleNoise(pixelNoise.space, {
      ...{ variant, imageSize, range },
      image: normalised(pixels.slice(first, first + length)),
      target: normalised(pixels.slice(next, next + length)),
    });
    toPixelUnits(noise, std).forEach((value, i) => (noisy[first + i] = (noisy[first + i] ?? 0) + value));
  }
  return noisy;
}

function firstOfEachClass({ labels, classNames }: ImageSet): number[] {
  return classNames
    .map((_, label) => labels.indexOf(label))
    .filter((image) => image >= 0)
    .slice(0, EXAMPLES);
}
