import * as tf from '@tensorflow/tfjs-core';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { adamwRates, initAdamW } from '@vitrine/ml-optim';
import {
  normal,
  PURPOSE,
  toTensors,
  uniform,
  type HostTensor,
  type ProgramExecutor,
  type StateDict,
} from '@vitrine/ml-tensor';
import type { Batch, TrainStepInput } from '../train-step.js';
import { accumulatingProgram } from '../accumulating-program.js';
import { adversarialProgram, findAdversarial, type AdversarySettings } from '../adversarial-program.js';
import { withoutGradients } from '../gradient-sums.js';
import { initialTrainingState, trainingProgram, type TrainingProgramOptions } from '../training-program.js';

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

export const SMALL_BATCH = 8;

/** Random images whose class is written into their brightness. */
export function smallImages(step: number): { pixels: Float32Array; labels: Int32Array } {
  const labels = Int32Array.from({ length: SMALL_BATCH }, (_, i) => (i + step) % smallConfig.classes);
  const pixels = uniform({ seed: 4, purpose: PURPOSE.batchChoice, step }, SMALL_BATCH * 3 * 16 * 16);
  const bright = pixels.map((value, i) => (value + (labels[Math.floor(i / 768)] ?? 0)) / smallConfig.classes);
  return { pixels: bright, labels };
}

export function smallBatch(step: number): Batch {
  const { pixels, labels } = smallImages(step);
  return {
    pixels_BCHW: tf.tensor4d(pixels, [SMALL_BATCH, 3, 16, 16]),
    labels_B: tf.tensor1d(labels, 'int32'),
  };
}

export const smallNoise: HostTensor = {
  dtype: 'float32',
  shape: [1, 16, 24],
  data: normal({ seed: 4, purpose: PURPOSE.noiseStart }, 16 * 24),
};

export const smallHyper = { beta1: 0.9, beta2: 0.999, labelSmoothing: 0.1 };

export const smallRates = (step: number): Float32Array =>
  adamwRates({ ...smallHyper, weightDecay: 0.05, learningRate: 1e-2, step: step + 1 });

/** The start of a run: new weights, moments of zero. */
export function smallStart(): Pick<TrainStepInput, 'vit' | 'optimizer'> {
  const params = toTensors(initVit(smallConfig, 9));
  return { vit: { config: smallConfig, params }, optimizer: initAdamW(params) };
}

export interface SmallRun {
  readonly state: StateDict;
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

export const smallOptions: TrainingProgramOptions = {
  config: smallConfig,
  hyper: smallHyper,
  batchSize: SMALL_BATCH,
  predictionSize: 4,
};

/** Weights and moments of a run that begins. */
export const smallState = (): StateDict => initialTrainingState(initVit(smallConfig, 9));

/** Takes `steps` steps with noise on, from a state on; from new weights, when absent. */
export function smallRun(
  executor: ProgramExecutor,
  steps: number,
  from: { readonly step: number; readonly state: StateDict; readonly recompute?: boolean } = {
    step: 0,
    state: smallState(),
  },
): SmallRun {
  const { recompute = false } = from;
  const program = executor.start(trainingProgram({ ...smallOptions, recompute }));
  try {
    program.writeState(from.state);
    const outputs = Array.from({ length: steps }, (_, index) =>
      program.run('learnWithNoise', {
        ...smallImages(from.step + index),
        rates: smallRates(from.step + index),
        noise: smallNoise.data,
      }),
    );
    const figures = (name: string): number[] => outputs.map((output) => output[name]?.data[0] ?? NaN);
    return { state: program.readState(), losses: figures('loss'), gradientNorms: figures('gradientNorm') };
  } finally {
    program.dispose();
  }
}

/** The same steps with every batch in `parts`, its gradient summed over them. */
export function smallRunInParts(
  executor: ProgramExecutor,
  {
    steps,
    parts,
    lossScale = 1,
  }: { readonly steps: number; readonly parts: number; readonly lossScale?: number },
): SmallRun {
  const batchSize = SMALL_BATCH / parts;
  const program = executor.start(accumulatingProgram({ ...smallOptions, batchSize }));
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  try {
    program.writeState(withoutGradients(smallState(), smallOptions));
    for (let step = 0; step < steps; step++) {
      const { pixels, labels } = smallImages(step);
      let loss = 0;
      for (let part = 0; part < parts; part++) {
        const [first, end] = [part * batchSize, (part + 1) * batchSize];
        const outputs = program.run('accumulateWithNoise', {
          pixels: pixels.subarray(first * 768, end * 768),
          labels: labels.subarray(first, end),
          noise: smallNoise.data,
          factors: Float32Array.of(lossScale, 1 / (lossScale * parts)),
        });
        loss += (outputs['loss']?.data[0] ?? NaN) / parts;
      }
      losses.push(loss);
      gradientNorms.push(program.run('gradientNorm', {})['gradientNorm']?.data[0] ?? NaN);
      program.run('update', { rates: smallRates(step) });
    }
    return { state: program.readState(), losses, gradientNorms };
  } finally {
    program.dispose();
  }
}

/** Steps of adversarial training with every batch in `parts`. */
export function smallAdversarialRun(
  executor: ProgramExecutor,
  {
    steps,
    parts,
    adversary,
  }: { readonly steps: number; readonly parts: number; readonly adversary: AdversarySettings },
): SmallRun {
  const batchSize = SMALL_BATCH / parts;
  const program = executor.start(adversarialProgram({ ...smallOptions, batchSize }, adversary));
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  try {
    program.writeState(withoutGradients(smallState(), smallOptions));
    for (let step = 0; step < steps; step++) {
      const { pixels, labels } = smallImages(step);
      let loss = 0;
      for (let first = 0; first < SMALL_BATCH; first += batchSize) {
        const part = {
          pixels: pixels.subarray(first * 768, (first + batchSize) * 768),
          labels: labels.subarray(first, first + batchSize),
        };
        const targets = new Float32Array(batchSize * smallConfig.classes);
        part.labels.forEach((label, image) => (targets[image * smallConfig.classes + label] = 1));
        const key = { seed: 6, step, index: first };
        const attacked = findAdversarial(program, { ...part, images: batchSize, targets, key }, adversary);
        const factors = Float32Array.of(1, 1 / parts);
        const { loss: ofPart } = program.run('accumulateAgainst', { ...part, attacked, factors });
        loss += (ofPart?.data[0] ?? NaN) / parts;
      }
      losses.push(loss);
      gradientNorms.push(program.run('gradientNorm', {})['gradientNorm']?.data[0] ?? NaN);
      program.run('update', { rates: smallRates(step) });
    }
    return { state: program.readState(), losses, gradientNorms };
  } finally {
    program.dispose();
  }
}
