/** Smoothed models whose answers are known, and a small vision transformer, for specs. */
import * as tf from '@tensorflow/tfjs-core';
import { noiseSchedule, type NoisePredictor } from '@vitrine/ml-diffusion';
import { classAttention, initVit, logits, type VitConfig } from '@vitrine/ml-nn';
import { addPrefix, eagerExecutor, specsOf, type StateDict } from '@vitrine/ml-tensor';
import { Drawer, type DrawSettings } from '../draws.js';
import { SMOOTHING_STATE, smoothingProgram, type SmoothedModel } from '../smoothing-program.js';

export const schedule = noiseSchedule({ schedule: 'linear', steps: 1000, rescaleTime: false });
export const BATCH = 250;

/**
 * Images of two pixels. Data are ±μ in [−1, 1] with μ = (0.6, 0.8), equally likely; the class is the side of the line between
 * them, and the best denoiser is μ tanh(μ·y / s²) of what is seen beside noise s.
 */
export const MU = [0.6, 0.8] as const;
export const sided = (pixels: tf.Tensor4D): tf.Tensor2D => {
  const along = tf.sum(
    tf.mul(tf.sub(tf.mul(tf.reshape(pixels, [-1, 2]), 2), 1), tf.tensor2d([...MU], [1, 2])),
    1,
    true,
  );
  return tf.concat([tf.neg(along), along], 1) as tf.Tensor2D;
};
export const exact =
  (sigma: number): NoisePredictor =>
  (noisy) => {
    const kept = 1 / (1 + 4 * sigma ** 2);
    const seen = tf.div(tf.reshape(noisy, [-1, 2]), Math.sqrt(kept));
    const mu = tf.tensor2d([...MU], [1, 2]);
    const along = tf.sum(tf.mul(seen, mu), 1, true);
    const clean = tf.mul(tf.tanh(tf.div(along, 4 * sigma ** 2)), mu);
    return tf.reshape(
      tf.div(tf.sub(tf.reshape(noisy, [-1, 2]), tf.mul(clean, Math.sqrt(kept))), Math.sqrt(1 - kept)),
      noisy.shape,
    );
  };
/** A model of classes alone: all its attention is on one token. */
export const ofClasses = (
  classify: SmoothedModel['classify'],
  denoiser?: SmoothedModel['denoiser'],
): SmoothedModel => ({
  classify,
  look: (params, pixels) => {
    const logits_DK = classify(params, pixels);
    return { logits_DK, attention_DN: tf.ones([logits_DK.shape[0], 1]) };
  },
  ...(denoiser && { denoiser }),
});

export function withDrawer<T>(
  model: SmoothedModel,
  settings: Partial<DrawSettings>,
  use: (drawer: Drawer) => T,
): T {
  const program = eagerExecutor.start(
    smoothingProgram({
      model,
      weights: {},
      noisyShape: [settings.batch ?? BATCH, 1, 1, 2],
      attacked: { tokens: 1 },
    }),
  );
  try {
    return use(new Drawer(program, { sigma: 0.25, seed: 7, batch: BATCH, ...settings }));
  } finally {
    program.dispose();
  }
}

export const config: VitConfig = {
  imageSize: 8,
  patchSize: 2,
  channels: 1,
  width: 8,
  depth: 1,
  heads: 2,
  mlpRatio: 2,
  classes: 3,
  mean: [0.5],
  std: [0.5],
};

/** Weights far enough from their start that answers differ. */
export const vitWeights = Object.fromEntries(
  Object.entries(initVit(config, 3)).map(([name, host]) => [
    name,
    {
      ...host,
      data: host.data.map((value) => value * (/weight$/.test(name) && !/norm/.test(name) ? 20 : 1)),
    },
  ]),
) as StateDict;

export function vitDrawer<T>(sigma: number, use: (drawer: Drawer) => T): T {
  const weights = addPrefix(SMOOTHING_STATE.classifier, vitWeights);
  const program = eagerExecutor.start(
    smoothingProgram({
      model: {
        classify: (params, pixels) => logits({ config, params }, pixels),
        look: (params, pixels) => {
          const { logits_BK, attention_BN } = classAttention({ config, params }, pixels);
          return { logits_DK: logits_BK, attention_DN: attention_BN };
        },
      },
      weights: specsOf(weights),
      noisyShape: [64, 1, 8, 8],
      attacked: { tokens: 16 },
    }),
  );
  program.writeState(weights);
  try {
    return use(new Drawer(program, { sigma, seed: 1, batch: 64 }));
  } finally {
    program.dispose();
  }
}
