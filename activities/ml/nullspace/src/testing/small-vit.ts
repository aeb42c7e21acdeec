import * as tf from '@tensorflow/tfjs-core';
import { initVit, type Vit, type VitConfig } from '@vitrine/ml-nn';
import { normal, toTensors, uniform } from '@vitrine/ml-tensor';

export const smallConfig: VitConfig = {
  imageSize: 16,
  patchSize: 8,
  channels: 3,
  width: 32,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  classes: 10,
  mean: [0.5, 0.4, 0.3],
  std: [0.25, 0.2, 0.3],
};

/** A ViT with random weights, larger than at the start of training so that its predictions differ between images. */
export function smallVit(gain = 6, config = smallConfig): Vit {
  const params = toTensors(initVit(config, 11));
  const entries = Object.entries(params).map(([name, tensor]) => {
    const larger = name.endsWith('.weight') && !name.includes('norm') && !name.includes('patch_embed');
    return [name, larger ? tf.mul(tensor, gain) : tensor] as const;
  });
  return { config, params: Object.fromEntries(entries) };
}

/** Images [B, C, S, S] of uniform pixels. */
export function someImages(count: number, index = 0, config = smallConfig): tf.Tensor4D {
  const size = count * config.channels * config.imageSize ** 2;
  return tf.tensor4d(uniform({ seed: 4, purpose: 99, index }, size), [
    count,
    config.channels,
    config.imageSize,
    config.imageSize,
  ]);
}

/** A tensor of standard normal entries. */
export function gaussian<T extends tf.Tensor>(shape: number[], index = 0): T {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(normal({ seed: 8, purpose: 98, index }, size), shape) as T;
}

export const largest = (tensor: tf.Tensor): number => tf.max(tf.abs(tensor)).dataSync()[0] ?? NaN;
export const lengthOf = (tensor: tf.Tensor): number => tf.norm(tensor).dataSync()[0] ?? NaN;
