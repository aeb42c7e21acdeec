import * as tf from '@tensorflow/tfjs-core';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import { normal, toTensors, uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { errorMargin, vitClassifier, type Classifier } from './attacked-batch.js';
import { fgsm } from './fgsm.js';
import { pgd, pgdSteps, type PgdOptions } from './pgd.js';

const size = 4;
const pixelCount = 3 * size * size;
const weights_PK = tf.tensor2d(normal({ seed: 2, purpose: 90 }, pixelCount * 2), [pixelCount, 2]);

/** z = A x. */
const linear: Classifier = (pixels) =>
  tf.matMul(tf.reshape<tf.Rank.R2>(pixels, [-1, pixelCount]), weights_PK);

/** Pixels away from 0 and 1, so that clipping does not enter. */
const batch = {
  pixels_BCHW: tf.tensor4d(
    uniform({ seed: 1, purpose: 90 }, 6 * pixelCount).map((value) => 0.3 + 0.4 * value),
    [6, 3, size, size],
  ),
  labels_B: tf.tensor1d([0, 1, 0, 1, 1, 0], 'int32'),
};

const config: VitConfig = {
  imageSize: 8,
  patchSize: 4,
  channels: 3,
  width: 16,
  depth: 1,
  heads: 2,
  mlpRatio: 2,
  classes: 5,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const vitParams = Object.fromEntries(
  Object.entries(toTensors(initVit(config, 3))).map(([name, tensor]) => [name, tf.mul(tensor, 5)]),
);
const vit = vitClassifier({ config, params: vitParams });
const vitBatch = {
  pixels_BCHW: tf.tensor4d(uniform({ seed: 5, purpose: 90 }, 12 * 192), [12, 3, 8, 8]),
  labels_B: tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1], 'int32'),
};

const options: PgdOptions = { epsilon: 0.03, stepSize: 0.01, steps: 5, restarts: 1, seed: 7, index: 0 };
const largest = (tensor: tf.Tensor): number => tf.max(tf.abs(tensor)).dataSync()[0] ?? NaN;
const marginsOf = (classifier: Classifier, pixels: tf.Tensor4D, labels: tf.Tensor1D): number[] => [
  ...errorMargin(classifier(pixels), labels).dataSync(),
];

describe('the error margin', () => {
  it('is the largest other logit minus the own one', () => {
    const logits = tf.tensor2d([
      [3, 1, 2],
      [-5, -1, -9],
    ]);
    expect([...errorMargin(logits, tf.tensor1d([0, 0], 'int32')).dataSync()]).toEqual([-1, 4]);
  });
});

describe('FGSM', () => {
  it('moves every pixel by ε, and the margin of a linear model by ε‖w₁ − w₀‖₁', () => {
    const epsilon = 0.1;
    const attacked = fgsm(linear, batch, { epsilon });
    const moved = tf.abs(tf.sub(attacked, batch.pixels_BCHW));
    expect(largest(tf.sub(moved, epsilon))).toBeLessThan(1e-6);
    const difference = tf.sub(tf.slice(weights_PK, [0, 1], [-1, 1]), tf.slice(weights_PK, [0, 0], [-1, 1]));
    const rise = epsilon * (tf.sum(tf.abs(difference)).dataSync()[0] ?? NaN);
    const before = marginsOf(linear, batch.pixels_BCHW, batch.labels_B);
    marginsOf(linear, attacked, batch.labels_B).forEach((margin, i) =>
      expect(margin - (before[i] ?? NaN)).toBeCloseTo(rise, 3),
    );
  });

  it('stays in [0, 1]', () => {
    const attacked = fgsm(vit, vitBatch, { epsilon: 0.4 });
    expect(tf.min(attacked).dataSync()[0]).toBe(0);
    expect(tf.max(attacked).dataSync()[0]).toBe(1);
  });

  it('raises the error margins of a ViT and leaves no tensor beside its result', () => {
    const before = tf.memory().numTensors;
    const attacked = fgsm(vit, vitBatch, { epsilon: 0.05 });
    expect(tf.memory().numTensors - before).toBe(1);
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(marginsOf(vit, attacked, vitBatch.labels_B))).toBeGreaterThan(
      sum(marginsOf(vit, vitBatch.pixels_BCHW, vitBatch.labels_B)),
    );
  });
});

describe('PGD', () => {
  it.each([0.01, 0.2])('stays within ε %f of the clean pixels and in [0, 1]', (epsilon) => {
    const attacked = pgd(vit, vitBatch, { ...options, epsilon, stepSize: epsilon, restarts: 2 });
    expect(largest(tf.sub(attacked, vitBatch.pixels_BCHW))).toBeLessThanOrEqual(epsilon + 1e-6);
    expect(tf.min(attacked).dataSync()[0]).toBeGreaterThanOrEqual(0);
    expect(tf.max(attacked).dataSync()[0]).toBeLessThanOrEqual(1);
  });

  it('with one step of at least ε from the clean image is FGSM', () => {
    const once = { ...options, epsilon: 0.05, stepSize: 0.2, steps: 1, randomStart: false };
    const difference = tf.sub(pgd(linear, batch, once), fgsm(linear, batch, { epsilon: 0.05 }));
    expect(largest(difference)).toBeLessThan(1e-6);
  });

  it('reaches on a linear model the corner of the ball that FGSM finds', () => {
    const difference = tf.sub(
      pgd(linear, batch, { ...options, steps: 7 }),
      fgsm(linear, batch, { epsilon: 0.03 }),
    );
    expect(largest(difference)).toBeLessThan(1e-6);
  });

  it('never leaves an image better classified than clean, and never worse with more restarts', () => {
    const margins = [0, 1, 3].map((restarts) =>
      marginsOf(vit, pgd(vit, vitBatch, { ...options, restarts }), vitBatch.labels_B),
    );
    const [clean = [], one = [], three = []] = margins;
    clean.forEach((margin, i) => {
      expect(one[i]).toBeGreaterThanOrEqual(margin);
      expect(three[i]).toBeGreaterThanOrEqual(one[i] ?? NaN);
    });
    expect(three).not.toEqual(one);
  });

  it('starts each image at its own random point, whatever the batch it is in', () => {
    const noSteps = { ...options, steps: 0 };
    const whole = pgd(vit, vitBatch, noSteps);
    const half = {
      pixels_BCHW: tf.slice(vitBatch.pixels_BCHW, [6, 0, 0, 0], [6, -1, -1, -1]),
      labels_B: tf.slice(vitBatch.labels_B, [6], [6]),
    };
    const second = pgd(vit, half, { ...noSteps, index: 6 });
    expect(largest(tf.sub(tf.slice(whole, [6, 0, 0, 0], [6, -1, -1, -1]), second))).toBe(0);
    const other = pgd(vit, vitBatch, { ...noSteps, seed: 8 });
    expect(largest(tf.sub(whole, other))).toBeGreaterThan(0.01);
  });

  it('leaves no tensor beside its result, and none when it is abandoned', () => {
    const before = tf.memory().numTensors;
    const attacked = pgd(vit, vitBatch, { ...options, restarts: 2 });
    expect(tf.memory().numTensors - before).toBe(1);
    attacked.dispose();
    let steps = 0;
    for (const _ of pgdSteps(vit, vitBatch, { ...options, restarts: 2 })) if (++steps === 7) break;
    expect(steps).toBe(7);
    expect(tf.memory().numTensors).toBe(before);
  });
});
