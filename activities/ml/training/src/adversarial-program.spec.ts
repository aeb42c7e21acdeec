import * as tf from '@tensorflow/tfjs-core';
import { attackProgram, pgd, vitClassifier } from '@vitrine/ml-attacks';
import { initVit, logits, type Vit } from '@vitrine/ml-nn';
import { eagerExecutor, specsOf, toTensors, type Parameters } from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutGradients } from './gradient-sums.js';
import { adversarialProgram, findAdversarial, type AdversarySettings } from './adversarial-program.js';
import { crossEntropy, meanDivergence } from './cross-entropy.js';
import {
  SMALL_BATCH,
  smallAdversarialRun,
  smallBatch,
  smallConfig,
  smallHyper,
  smallImages,
  smallOptions,
  smallState,
} from './testing/small-run.js';
import { lossAndGradients, type AdversarialTerm } from './train-step.js';

const weights = initVit(smallConfig, 9);
const { pixels, labels } = smallImages(0);
const targets = new Float32Array(SMALL_BATCH * smallConfig.classes);
labels.forEach((label, image) => (targets[image * smallConfig.classes + label] = 1));
const part = { pixels, images: SMALL_BATCH, targets, key: { seed: 6, step: 0, index: 0 } };
const settings = (kind: AdversarialTerm['kind']): AdversarySettings => ({
  ...{ kind, weight: 1.5, epsilon: 0.05, stepSize: 0.02, steps: 3 },
});

const program = eagerExecutor.start(adversarialProgram(smallOptions, settings('pgd')));
program.writeState(withoutGradients(smallState(), smallOptions));
afterAll(() => program.dispose());

/** A scalar of the loss with every parameter moved along a direction. */
const moved = (params: Parameters, direction: Parameters, by: number): Parameters =>
  Object.fromEntries(
    Object.entries(params).map(([name, p]) => [name, tf.add(p, tf.mul(direction[name] as tf.Tensor, by))]),
  );

describe.each(['pgd', 'trades'] as const)('the adversarial images of %s', (kind) => {
  const attacked = findAdversarial(program, part, settings(kind));

  it('stay in [0, 1] and within the budget', () => {
    attacked.forEach((pixel, i) => {
      expect(pixel >= 0 && pixel <= 1).toBe(true);
      expect(Math.abs(pixel - (pixels[i] ?? NaN))).toBeLessThan(0.05 + 1e-6);
    });
  });

  it('are worse than the clean ones', () => {
    tf.tidy(() => {
      const vit: Vit = { config: smallConfig, params: toTensors(weights) };
      const [clean, worse] = [pixels, attacked].map((given) =>
        logits(vit, tf.tensor4d(given, [SMALL_BATCH, 3, 16, 16])),
      ) as [tf.Tensor2D, tf.Tensor2D];
      const loss = (of: tf.Tensor2D): number =>
        crossEntropy(of, { labels_B: tf.tensor1d(labels, 'int32'), labelSmoothing: 0 }).dataSync()[0] ?? NaN;
      if (kind === 'pgd') expect(loss(worse)).toBeGreaterThan(loss(clean));
      else expect(meanDivergence(clean, worse).dataSync()[0]).toBeGreaterThan(0);
    });
  });

  it('are found again by the same key, and others by another', () => {
    expect(findAdversarial(program, part, settings(kind))).toEqual(attacked);
    const other = { ...part, key: { ...part.key, step: 1 } };
    expect(findAdversarial(program, other, settings(kind))).not.toEqual(attacked);
  });

  it('lead to the same gradient however the batch is cut', () => {
    const [whole, cut] = [1, 4].map((parts) =>
      smallAdversarialRun(eagerExecutor, { steps: 1, parts, adversary: settings(kind) }),
    );
    expect((cut?.losses[0] ?? NaN) / (whole?.losses[0] ?? NaN)).toBeCloseTo(1, 4);
    expect((cut?.gradientNorms[0] ?? NaN) / (whole?.gradientNorms[0] ?? NaN)).toBeCloseTo(1, 3);
  });
});

describe('the gradient of adversarial training', () => {
  it.each(['pgd', 'trades'] as const)('by all weights is the slope of its loss: %s', (kind) => {
    tf.tidy(() => {
      const vit: Vit = { config: smallConfig, params: toTensors(weights) };
      const attacked_BCHW = tf.tensor4d(findAdversarial(program, part, settings(kind)), [
        SMALL_BATCH,
        3,
        16,
        16,
      ]);
      const adversary = { kind, weight: 1.5, attacked_BCHW };
      const at = (params: Parameters) =>
        lossAndGradients({ vit: { ...vit, params }, batch: smallBatch(0), adversary, hyper: smallHyper });
      const { grads, loss } = at(vit.params);
      const norm = Math.sqrt(
        Object.values(grads).reduce((sum, g) => sum + (tf.sum(tf.square(g)).dataSync()[0] ?? 0), 0),
      );
      const direction = Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.div(g, norm)]));
      const step = 2e-3;
      const [before, after] = [-step, step].map(
        (by) => at(moved(vit.params, direction, by)).loss.dataSync()[0] ?? NaN,
      );
      expect(((after ?? NaN) - (before ?? NaN)) / (2 * step) / norm).toBeCloseTo(1, 2);
      const [clean, worse] = [smallBatch(0).pixels_BCHW, attacked_BCHW].map((given) =>
        logits(vit, given),
      ) as [tf.Tensor2D, tf.Tensor2D];
      const toLabels = (of: tf.Tensor2D): tf.Scalar =>
        crossEntropy(of, {
          labels_B: tf.tensor1d(labels, 'int32'),
          labelSmoothing: smallHyper.labelSmoothing,
        });
      const term = kind === 'pgd' ? toLabels(worse) : meanDivergence(clean, worse);
      const expected = tf.add(toLabels(clean), tf.mul(term, 1.5)).dataSync()[0] ?? NaN;
      expect((loss.dataSync()[0] ?? NaN) / expected).toBeCloseTo(1, 5);
    });
  });

  it('of TRADES is that of the cross-entropy alone when the images are the clean ones', () => {
    tf.tidy(() => {
      const vit: Vit = { config: smallConfig, params: toTensors(weights) };
      const batch = smallBatch(0);
      const adversary = { kind: 'trades', weight: 6, attacked_BCHW: batch.pixels_BCHW } as const;
      const [plain, trades] = [undefined, adversary].map((given) =>
        lossAndGradients({ vit, batch, hyper: smallHyper, ...(given && { adversary: given }) }),
      );
      expect((trades?.loss.dataSync()[0] ?? NaN) / (plain?.loss.dataSync()[0] ?? NaN)).toBeCloseTo(1, 6);
      for (const [name, g] of Object.entries(plain?.grads ?? {})) {
        const scale = Math.max(...g.dataSync().map(Math.abs), 1e-3);
        const apart = tf.max(tf.abs(tf.sub(g, trades?.grads[name] as tf.Tensor))).dataSync()[0] ?? NaN;
        expect(apart / scale, name).toBeLessThan(1e-3);
      }
    });
  });
});

describe('the divergence of TRADES', () => {
  it('is 0 at the clean images, and so is its gradient by them: the ascent has to start beside them', () => {
    tf.tidy(() => {
      const vit: Vit = { config: smallConfig, params: toTensors(weights) };
      const clean_BCHW = tf.tensor4d(pixels, [SMALL_BATCH, 3, 16, 16]);
      const divergence = (from_BCHW: tf.Tensor): tf.Scalar =>
        meanDivergence(logits(vit, clean_BCHW), logits(vit, from_BCHW as tf.Tensor4D));
      const slope = (at: tf.Tensor): number => tf.max(tf.abs(tf.grad(divergence)(at))).dataSync()[0] ?? NaN;
      expect(Math.abs(divergence(clean_BCHW).dataSync()[0] ?? NaN)).toBeLessThan(1e-7);
      const beside = tf.add(clean_BCHW, tf.mul(tf.sin(tf.mul(clean_BCHW, 1e4)), 0.05));
      expect(slope(clean_BCHW)).toBeLessThan(1e-3 * slope(beside));
    });
  });
});

describe('the ascent', () => {
  it('is the one that evaluation attacks with: PGD of one step without a random start', () => {
    const classifier = (params: Parameters) => vitClassifier({ config: smallConfig, params });
    const attack = eagerExecutor.start(
      attackProgram({
        ...{ weights: specsOf(weights), classifier, classes: smallConfig.classes },
        pixelShape: [SMALL_BATCH, 3, 16, 16],
      }),
    );
    attack.writeState(weights);
    const options = { ...settings('pgd'), steps: 1, restarts: 1, seed: 1, index: 0, randomStart: false };
    const expected = pgd(attack, { pixels, labels }, options);
    attack.dispose();
    const limits = Float32Array.of(0.05, 0.02);
    const actual = program.run('ascend', { pixels, clean: pixels, targets, limits })['pixels']?.data;
    // Of two candidates pgd keeps the worse: an image that a step makes no worse stays clean.
    const stride = pixels.length / SMALL_BATCH;
    for (let image = 0; image < SMALL_BATCH; image++) {
      const cut = (of: ArrayLike<number> | undefined): number[] =>
        Array.from({ length: stride }, (_, i) => of?.[image * stride + i] ?? NaN);
      expect([cut(actual), cut(pixels)]).toContainEqual(cut(expected));
    }
  });
});
