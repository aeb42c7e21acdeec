/** The cases of `train-step`: what both sides do, on which model and batch. */
import type { VitConfig } from '@vitrine/ml-nn';
import type { Case } from './protocol.js';

export type VitTask = 'train' | 'finetune' | 'forward' | 'pgd' | 'noise-synthesis' | 'diffmask';

/** As the parameters of `train` of the same names. */
export interface Economy {
  readonly microBatch?: number;
  readonly recompute?: boolean;
}

export interface VitCase extends Case {
  readonly task: VitTask;
  readonly model: VitConfig;
  /** safetensors: `weight/*`, `pixels`, `labels`, `noise`. */
  readonly inputs: string;
  /** Of training steps. */
  readonly economy: Economy;
  readonly hyper: typeof HYPER;
  readonly attack: typeof ATTACK;
  readonly synthesis: typeof SYNTHESIS;
}

export interface MatrixProductCase extends Case {
  readonly task: 'matrix-product';
  readonly size: number;
}

/** Training as the quick pipeline's. */
export const HYPER = { learningRate: 1e-3, weightDecay: 0.05, labelSmoothing: 0.1 };

/** PGD-20 in the usual budget on CIFAR-10 (Madry et al., ICLR 2018). */
export const ATTACK = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 20 };

/** The settings of the noise-synthesis stage; a tolerance that is never met, so that every step is a whole one. */
export const SYNTHESIS = { limit: 3, learningRate: 0.1, weightDecay: 0.01, maxSteps: 200 };

const cifar = {
  imageSize: 32,
  channels: 3,
  mlpRatio: 4,
  classes: 10,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

/** Sizes of Touvron et al. (DeiT, ICML 2021) with patches of 4, and the model of the quick pipeline. */
export const MODELS = {
  quick: { ...cifar, patchSize: 8, width: 96, depth: 6, heads: 3 },
  ti4: { ...cifar, patchSize: 4, width: 192, depth: 12, heads: 3 },
  s4: { ...cifar, patchSize: 4, width: 384, depth: 12, heads: 6 },
  b4: { ...cifar, patchSize: 4, width: 768, depth: 12, heads: 12 },
} satisfies Record<string, VitConfig>;

export type ModelName = keyof typeof MODELS;
