import * as tf from '@tensorflow/tfjs-core';
import { initVit, type VitConfig } from '@vitrine/ml-nn';
import {
  eagerExecutor,
  normal,
  specsOf,
  uniform,
  type HostTensor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { attackProgram, type AttackFunction, type HostBatch } from './attack-program.js';
import { errorMargin, vitClassifier, type Classifier } from './attacked-batch.js';
import { deepFoolSteps, type DeepFoolOptions } from './deepfool.js';
import { fgsm } from './fgsm.js';
import { pgd, pgdSteps, type PgdOptions } from './pgd.js';

const size = 4;
const pixelCount = 3 * size * size;
const weights: HostTensor = {
  dtype: 'float32',
  shape: [pixelCount, 2],
  data: normal({ seed: 2, purpose: 90 }, pixelCount * 2),
};

const started: RunningProgram<AttackFunction>[] = [];
afterAll(() => started.forEach((program) => program.dispose()));

function start(
  classifier: (params: Readonly<Record<string, tf.Tensor>>) => Classifier,
  state: StateDict,
  pixelShape: [number, number, number, number],
): RunningProgram<AttackFunction> {
  const program = eagerExecutor.start(attackProgram({ weights: specsOf(state), classifier, pixelShape }));
  program.writeState(state);
  started.push(program);
  return program;
}

/** z = A x. */
const linear = start(
  ({ A }) =>
    (pixels) =>
      tf.matMul(tf.reshape<tf.Rank.R2>(pixels, [-1, pixelCount]), A as tf.Tensor2D),
  { A: weights },
  [6, 3, size, size],
);

/** Pixels away from 0 and 1, so that clipping does not enter. */
const batch: HostBatch = {
  pixels: uniform({ seed: 1, purpose: 90 }, 6 * pixelCount).map((value) => 0.3 + 0.4 * value),
  labels: Int32Array.of(0, 1, 0, 1, 1, 0),
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
const vitState: StateDict = Object.fromEntries(
  Object.entries(initVit(config, 3)).map(([name, host]) => [
    name,
    { ...host, data: host.data.map((value) => value * 5) },
  ]),
);
const vitOf = (images: number): RunningProgram<AttackFunction> =>
  start((params) => vitClassifier({ config, params }), vitState, [images, 3, 8, 8]);
const vit = vitOf(12);
const vitBatch: HostBatch = {
  pixels: uniform({ seed: 5, purpose: 90 }, 12 * 192),
  labels: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1),
};

const options: PgdOptions = { epsilon: 0.03, stepSize: 0.01, steps: 5, restarts: 1, seed: 7, index: 0 };
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? NaN))), 0);
const marginsOf = (
  model: RunningProgram<AttackFunction>,
  pixels: Float32Array,
  { labels }: HostBatch,
): number[] => [...(model.run('margins', { pixels, labels })['margins']?.data ?? [])];

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
    attacked.forEach((value, i) =>
      expect(Math.abs(Math.abs(value - (batch.pixels[i] ?? NaN)) - epsilon)).toBeLessThan(1e-6),
    );
    const { data } = weights;
    const rows = Array.from({ length: pixelCount }, (_, p) => (data[2 * p + 1] ?? 0) - (data[2 * p] ?? 0));
    const rise = epsilon * rows.reduce((sum, difference) => sum + Math.abs(difference), 0);
    const before = marginsOf(linear, batch.pixels, batch);
    marginsOf(linear, attacked, batch).forEach((margin, i) =>
      expect(margin - (before[i] ?? NaN)).toBeCloseTo(rise, 3),
    );
  });

  it('stays in [0, 1]', () => {
    const attacked = fgsm(vit, vitBatch, { epsilon: 0.4 });
    expect(Math.min(...attacked)).toBe(0);
    expect(Math.max(...attacked)).toBe(1);
  });

  it('raises the error margins of a ViT and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const attacked = fgsm(vit, vitBatch, { epsilon: 0.05 });
    expect(tf.memory().numTensors).toBe(before);
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(marginsOf(vit, attacked, vitBatch))).toBeGreaterThan(
      sum(marginsOf(vit, vitBatch.pixels, vitBatch)),
    );
  });
});

describe('PGD', () => {
  it.each([0.01, 0.2])('stays within ε %f of the clean pixels and in [0, 1]', (epsilon) => {
    const attacked = pgd(vit, vitBatch, { ...options, epsilon, stepSize: epsilon, restarts: 2 });
    expect(furthest(attacked, vitBatch.pixels)).toBeLessThanOrEqual(epsilon + 1e-6);
    expect(Math.min(...attacked)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...attacked)).toBeLessThanOrEqual(1);
  });

  it('with one step of at least ε from the clean image is FGSM', () => {
    const once = { ...options, epsilon: 0.05, stepSize: 0.2, steps: 1, randomStart: false };
    expect(furthest(pgd(linear, batch, once), fgsm(linear, batch, { epsilon: 0.05 }))).toBeLessThan(1e-6);
  });

  it('reaches on a linear model the corner of the ball that FGSM finds', () => {
    const attacked = pgd(linear, batch, { ...options, steps: 7 });
    expect(furthest(attacked, fgsm(linear, batch, { epsilon: 0.03 }))).toBeLessThan(1e-6);
  });

  it('of strength 0 gives back what it was given', () => {
    for (const [model, given] of [
      [linear, batch],
      [vit, vitBatch],
    ] as const)
      expect(pgd(model, given, { ...options, epsilon: 0, steps: 3 })).toEqual(given.pixels);
  });

  it('never leaves an image better classified than clean, and never worse with more restarts', () => {
    const margins = [0, 1, 3].map((restarts) =>
      marginsOf(vit, pgd(vit, vitBatch, { ...options, restarts }), vitBatch),
    );
    const [clean = [], one = [], three = []] = margins;
    clean.forEach((margin, i) => {
      expect(one[i]).toBeGreaterThanOrEqual(margin);
      expect(three[i]).toBeGreaterThanOrEqual(one[i] ?? NaN);
    });
    expect(three).not.toEqual(one);
  });

  it('starts each image at its own random point, whatever the batch it is in', () => {
    // From the start as it is to the margins: no step, and all images take the start that is worse than clean.
    const noSteps = { ...options, steps: 0, epsilon: 0.2 };
    const whole = pgd(vit, vitBatch, noSteps);
    const half = { pixels: vitBatch.pixels.slice(6 * 192), labels: vitBatch.labels.slice(6) };
    const second = pgd(vitOf(6), half, { ...noSteps, index: 6 });
    expect(whole.subarray(6 * 192)).toEqual(second);
    const other = pgd(vit, vitBatch, { ...noSteps, seed: 8 });
    expect(furthest(whole, other)).toBeGreaterThan(0.01);
  });

  it('leaves no tensor behind, neither at its end nor when it is abandoned', () => {
    const before = tf.memory().numTensors;
    pgd(vit, vitBatch, { ...options, restarts: 2 });
    expect(tf.memory().numTensors).toBe(before);
    let steps = 0;
    for (const _ of pgdSteps(vit, vitBatch, { ...options, restarts: 2 })) if (++steps === 7) break;
    expect(steps).toBe(7);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('DeepFool', () => {
  const options: DeepFoolOptions = { steps: 50, overshoot: 0.02, candidates: 10 };
  const deepFool = (
    model: RunningProgram<AttackFunction>,
    images: HostBatch,
    over: Partial<DeepFoolOptions> = {},
  ): Float32Array => {
    const search = deepFoolSteps(model, images, { ...options, ...over });
    for (;;) {
      const next = search.next();
      if (next.done) return next.value;
    }
  };
  const answers = (model: RunningProgram<AttackFunction>, pixels: Float32Array): Float32Array =>
    model.run('predict', { pixels })['logits']?.data as Float32Array;
  const distances = (before: Float32Array, after: Float32Array, count: number): number[] => {
    const stride = before.length / count;
    return Array.from({ length: count }, (_, image) =>
      Math.hypot(
        ...after
          .subarray(image * stride, (image + 1) * stride)
          .map((value, at) => value - (before[image * stride + at] ?? 0)),
      ),
    );
  };

  it('takes a linear model of two classes over its boundary in one step, by 1.02 times the distance', () => {
    const before = answers(linear, batch.pixels);
    const own = before.map((_, i) => (i % 2 === 0 ? (before[i] ?? 0) - (before[i + 1] ?? 0) : 0));
    const margins = [...own].filter((_, i) => i % 2 === 0);
    // Everybody is right to begin with.
    const labels = Int32Array.from(margins, (margin) => (margin > 0 ? 0 : 1));
    const attacked = deepFool(linear, { pixels: batch.pixels, labels }, { steps: 1 });
    const columns = weights.data as Float32Array;
    const slope = Math.hypot(
      ...Array.from(
        { length: pixelCount },
        (_, row) => (columns[2 * row + 1] ?? 0) - (columns[2 * row] ?? 0),
      ),
    );
    distances(batch.pixels, attacked, 6).forEach((distance, image) =>
      expect(distance).toBeCloseTo((1.02 * Math.abs(margins[image] ?? 0)) / slope, 5),
    );
    const after = answers(linear, attacked);
    labels.forEach((label, image) =>
      expect(after[2 * image + 1 - label]).toBeGreaterThan(after[2 * image + label] ?? Infinity),
    );
  });

  it('leaves images alone that are wrong already', () => {
    const before = answers(vit, vitBatch.pixels);
    const attacked = deepFool(vit, vitBatch);
    const moved = distances(vitBatch.pixels, attacked, 12);
    vitBatch.labels.forEach((label, image) => {
      const row = before.subarray(image * 5, image * 5 + 5);
      expect((moved[image] ?? NaN) > 0).toBe(row.indexOf(Math.max(...row)) === label);
    });
  });

  it('makes images of a network wrong by less than FGSM needs', () => {
    const labels = Int32Array.from({ length: 12 }, (_, image) => {
      const row = answers(vit, vitBatch.pixels).subarray(image * 5, image * 5 + 5);
      return row.indexOf(Math.max(...row));
    });
    const right = { pixels: vitBatch.pixels, labels };
    const attacked = deepFool(vit, right);
    const after = answers(vit, attacked);
    const found = distances(vitBatch.pixels, attacked, 12);
    labels.forEach((label, image) => {
      const row = after.subarray(image * 5, image * 5 + 5);
      expect(row.indexOf(Math.max(...row))).not.toBe(label);
    });
    // Of FGSM the smallest of 40 budgets, image by image.
    const smallest = new Array<number>(12).fill(Infinity);
    for (let step = 40; step >= 1; step--) {
      const stepped = fgsm(vit, right, { epsilon: step * 0.01 });
      const said = answers(vit, stepped);
      const norms = distances(vitBatch.pixels, stepped, 12);
      labels.forEach((label, image) => {
        const row = said.subarray(image * 5, image * 5 + 5);
        if (row.indexOf(Math.max(...row)) !== label) smallest[image] = norms[image] ?? NaN;
      });
    }
    found.forEach((norm, image) => expect(norm).toBeLessThan(smallest[image] ?? NaN));
  });

  it('looks at no more classes than it is told to: a pass for each, and one for the answers', () => {
    const passes = (candidates: number): number =>
      [...deepFoolSteps(vit, vitBatch, { ...options, steps: 1, candidates })].length;
    expect([1, 3, 10].map(passes)).toEqual([3, 5, 6]);
  });
});
