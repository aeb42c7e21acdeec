import * as tf from '@tensorflow/tfjs-core';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { initAdamW } from '@vitrine/ml-optim';
import { disposeAll, normal, PURPOSE, toTensors, uniform } from '@vitrine/ml-tensor';
import { trainStep, type Batch, type TrainStepInput, type TrainStepOutput } from '../train-step.js';

/** A model that trains in milliseconds and has every kind of layer. */
export const smallConfig: VitConfig = {
  imageSize: 16,
  patchSize: 4,
  channels: 3,
  width: 24,
  depth: 2,
  heads: 3,
  mlpRatio: 4,
  classes: 4,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};

/** Random images whose class is written into their brightness. */
export function smallBatch(step: number, size = 8): Batch {
  const labels = Int32Array.from({ length: size }, (_, i) => (i + step) % smallConfig.classes);
  const pixels = uniform({ seed: 4, purpose: PURPOSE.batchChoice, step }, size * 3 * 16 * 16);
  const bright = pixels.map((value, i) => (value + (labels[Math.floor(i / 768)] ?? 0)) / smallConfig.classes);
  return {
    pixels_BCHW: tf.tensor4d(bright, [size, 3, 16, 16]),
    labels_B: tf.tensor1d(labels, 'int32'),
  };
}

export const smallNoise = (): tf.Tensor3D =>
  tf.tensor3d(normal({ seed: 4, purpose: PURPOSE.noiseStart }, 16 * 24), [1, 16, 24]);

export const smallHyper = { beta1: 0.9, beta2: 0.999, weightDecay: 0.05, labelSmoothing: 0.1 };

/** The start of a run: new weights, moments of zero. */
export function smallStart(): Pick<TrainStepInput, 'vit' | 'optimizer'> {
  const params = toTensors(initVit(smallConfig, 9));
  return { vit: { config: smallConfig, params }, optimizer: initAdamW(params) };
}

/** Trains `steps` steps with noise on and returns what the last one gave; frees the rest. */
export function smallRun(steps: number): TrainStepOutput {
  let { vit, optimizer } = smallStart();
  const noise_1ND = smallNoise();
  let output: TrainStepOutput | undefined;
  for (let step = 0; step < steps; step++) {
    const batch = smallBatch(step);
    output = trainStep({ vit, optimizer, batch, noise_1ND, step, learningRate: 1e-2, hyper: smallHyper });
    tf.dispose([batch.pixels_BCHW, batch.labels_B]);
    for (const old of [vit.params, optimizer.m, optimizer.v]) disposeAll(old);
    vit = { ...vit, params: output.params };
    optimizer = output.optimizer;
  }
  noise_1ND.dispose();
  if (!output) throw new RangeError('smallRun: expected at least one step');
  return output;
}
