/** The cases of `denoiser`: what both sides do, on which U-Net and ViT. */
import type { UnetConfig, VitConfig } from '@vitrine/ml-nn';
import type { Case } from './protocol.js';
import { MODELS } from './vit-case.js';

export type DenoiserTask = 'train' | 'sample' | 'certify';

export interface DenoiserCase extends Case {
  readonly task: DenoiserTask;
  readonly unet: UnetConfig;
  readonly vit: VitConfig;
  readonly batch: number;
  readonly sigma: number;
  readonly hyper: typeof DENOISER_HYPER;
  /** safetensors: `unet/*` in PyTorch's layouts, `vit/*`, `pixels`, `noise`, `rows`. */
  readonly inputs: string;
}

export const DENOISER_HYPER = { learningRate: 1e-4, averageDecay: 0.9999 };

export const DIFFUSION = { schedule: 'linear', steps: 1000, rescaleTime: false } as const;

export const SIGMA = 0.25;

/** 1.2 million weights, 0.25 billion multiply-adds an image. */
export const UNET: UnetConfig = {
  imageSize: 32,
  channels: 3,
  width: 32,
  multipliers: [1, 2, 2],
  blocks: 1,
  attentionSizes: [8],
  heads: 1,
  headWidth: 0,
  groups: 32,
  scaleShift: true,
  resampleBlocks: false,
  learnedVariance: false,
  classes: 0,
};

export const VIT: VitConfig = MODELS.quick;
