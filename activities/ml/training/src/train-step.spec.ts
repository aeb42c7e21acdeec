import * as tf from '@tensorflow/tfjs-core';
import { logits } from '@vitrine/ml-nn';
import { adamwStep } from '@vitrine/ml-optim';
import {
  disposeAll,
  eagerExecutor,
  encodeSafetensors,
  toHost,
  type HostTensor,
  type Parameters,
} from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { crossEntropy } from './cross-entropy.js';
import {
  smallBatch,
  smallConfig,
  smallHyper,
  smallNoise,
  smallRates,
  smallRun,
  smallStart,
} from './testing/small-run.js';
import { trainStep, type TrainStepInput, type TrainStepOutput } from './train-step.js';

const free = ({ params, optimizer, loss, gradientNorm }: TrainStepOutput): void => {
  [params, optimizer.m, optimizer.v].forEach(disposeAll);
  tf.dispose([loss, gradientNorm]);
};

const bytesOf = (params: Parameters): string =>
  Buffer.from(encodeSafetensors(toHost(params))).toString('base64');

const value = (scalar: tf.Scalar): number => scalar.dataSync()[0] ?? NaN;

const tensorOf = ({ data, shape }: HostTensor): tf.Tensor3D =>
  tf.tensor3d(data, shape as [number, number, number]);

const withStart = (run: (input: TrainStepInput) => void): void => {
  const before = tf.memory().numTensors;
  const { vit, optimizer } = smallStart();
  const batch = smallBatch(0);
  const rates_3 = tf.tensor1d(smallRates(0));
  run({ vit, optimizer, batch, rates_3, hyper: smallHyper });
  for (const tensors of [vit.params, optimizer.m, optimizer.v]) disposeAll(tensors);
  tf.dispose([batch.pixels_BCHW, batch.labels_B, rates_3]);
  expect(tf.memory().numTensors).toBe(before);
};

describe('a training step', () => {
  it('learns a small problem', () => {
    const { losses } = smallRun(eagerExecutor, 25);
    // Two terms, clean and noisy, each at ln 4 or more before training.
    expect(losses[0]).toBeGreaterThan(2 * Math.log(4) * 0.9);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? NaN) / 1.5);
  });

  it('gives the same bytes for the same input, and leaves its input alone', () => {
    withStart((input) => {
      const old = [input.vit.params, input.optimizer.m, input.optimizer.v].map(bytesOf);
      const first = trainStep(input);
      const second = trainStep(input);
      expect(bytesOf(second.params)).toBe(bytesOf(first.params));
      expect(bytesOf(second.optimizer.v)).toBe(bytesOf(first.optimizer.v));
      expect([second.loss, second.gradientNorm].map(value)).toEqual(
        [first.loss, first.gradientNorm].map(value),
      );
      expect([input.vit.params, input.optimizer.m, input.optimizer.v].map(bytesOf)).toEqual(old);
      expect(bytesOf(first.params)).not.toBe(old[0]);
      [first, second].forEach(free);
    });
  });

  it('makes as many tensors as it returns', () => {
    withStart((input) => {
      const before = tf.memory().numTensors;
      const output = trainStep(input);
      expect(tf.memory().numTensors).toBe(before + 3 * Object.keys(input.vit.params).length + 2);
      free(output);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('follows the gradient of the mean cross-entropy with AdamW, decaying matrices alone', () => {
    withStart((input) => {
      const { vit, batch } = input;
      const output = trainStep(input);
      tf.tidy(() => {
        const names = Object.keys(vit.params);
        const gradients = tf.grads((...tensors: tf.Tensor[]) => {
          const params = Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor]));
          return crossEntropy(logits({ config: smallConfig, params }, batch.pixels_BCHW), {
            labels_B: batch.labels_B,
            labelSmoothing: 0.1,
          });
        })(names.map((name) => vit.params[name] as tf.Tensor));
        const grads = Object.fromEntries(names.map((name, i) => [name, gradients[i] as tf.Tensor]));
        const matrices = /^(patch_embed\.proj|head|blocks\.\d+\.(attn\.(qkv|proj)|mlp\.fc[12]))\.weight$/;
        const decays = (name: string): boolean => matrices.test(name);
        const expected = adamwStep({
          params: vit.params,
          grads,
          state: input.optimizer,
          rates_3: input.rates_3,
          ...smallHyper,
          decays,
        });
        expect(bytesOf(output.params)).toBe(bytesOf(expected.params));
        expect(value(output.gradientNorm)).toBe(value(expected.gradientNorm));
        expect(names.filter(decays)).toHaveLength(2 + 4 * smallConfig.depth);
      });
      free(output);
    });
  });

  it('adds the loss under noise: with noise of zero, loss and gradient double', () => {
    withStart((input) => {
      const zero_1ND = tf.zeros<tf.Rank.R3>([1, 16, 24]);
      const clean = trainStep(input);
      const doubled = trainStep({ ...input, noise_1ND: zero_1ND });
      expect(value(doubled.loss) / value(clean.loss)).toBeCloseTo(2, 6);
      expect(value(doubled.gradientNorm) / value(clean.gradientNorm)).toBeCloseTo(2, 6);
      zero_1ND.dispose();
      [clean, doubled].forEach(free);
    });
  });

  it('uses the noise', () => {
    withStart((input) => {
      const noise_1ND = tensorOf(smallNoise);
      const output = trainStep({ ...input, noise_1ND });
      const [clean, noisy] = tf.tidy(() =>
        [undefined, noise_1ND].map((noise) =>
          value(
            crossEntropy(logits(input.vit, input.batch.pixels_BCHW, noise), {
              labels_B: input.batch.labels_B,
              labelSmoothing: smallHyper.labelSmoothing,
            }),
          ),
        ),
      ) as unknown as [number, number];
      expect(noisy).not.toBeCloseTo(clean, 3);
      expect(value(output.loss)).toBeCloseTo(clean + noisy, 5);
      noise_1ND.dispose();
      free(output);
    });
  });

  it('refuses labels that do not fit the batch', () => {
    withStart((input) => {
      const before = tf.memory().numTensors;
      const labels_B = tf.tensor1d([0, 1], 'int32');
      expect(() => trainStep({ ...input, batch: { ...input.batch, labels_B } })).toThrow(
        'labels_B: expected shape [8], got shape [2]',
      );
      labels_B.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});
