import * as tf from '@tensorflow/tfjs-core';
import type { VitConfig } from '@vitrine/ml-nn';

/** Pixels [B, C, S, S] on the device. The caller disposes of them, and keeps the buffer as it is until their first use. */
export function pixelTensor(
  { channels, imageSize }: Pick<VitConfig, 'channels' | 'imageSize'>,
  pixels: Float32Array,
): tf.Tensor4D {
  const images = pixels.length / (channels * imageSize ** 2);
  return tf.tensor4d(pixels, [images, channels, imageSize, imageSize]);
}
