import * as tf from '@tensorflow/tfjs-core';
import type { VitConfig } from '@vitrine/ml-nn';
import { readGolden, relativeError } from '@vitrine/ml-nn/testing';
import { eagerExecutor } from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { accumulate, overLargest, rollOut, fromPatches } from './attention-maps.js';
import { explainAtOnce, oneCall, type Explainer, type HostBatch } from './explainer.js';
import { DIRECT_METHODS, explanationProgram } from './explanation-program.js';
import { integratedGradients, rise } from './sampled.js';

const golden = readGolden(new URL('./explanations.golden.safetensors', import.meta.url));
const config: VitConfig = {
  ...{ imageSize: 32, patchSize: 8, channels: 3, width: 32, depth: 3, heads: 4, mlpRatio: 4, classes: 10 },
  ...{ mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
};
const model = eagerExecutor.start(explanationProgram({ config, batchSize: 2, discard: 0 }));
model.writeState(golden.group('weight.'));
afterAll(() => model.dispose());

const bytes = golden.tensor('input.bytes').data;
const batch: HostBatch = {
  pixels: Float32Array.from(bytes, (value) => value / 255),
  targets: Int32Array.from(golden.tensor('input.targets').data),
};
const of = (explainer: Explainer): Float32Array => explainAtOnce(explainer, batch);

describe('explanations against PyTorch', () => {
  it('begin with the same answers', () => {
    const { logits } = model.run('predict', { pixels: batch.pixels });
    expect(relativeError(logits?.data ?? [], golden.tensor('output.logits').data)).toBeLessThan(
      golden.tolerance,
    );
  });

  it.each(DIRECT_METHODS)('agree by %s, and leave no tensor behind', (method) => {
    const before = tf.memory().numTensors;
    const map = of(oneCall(method, model));
    expect(tf.memory().numTensors).toBe(before);
    expect(relativeError(map, golden.tensor(`output.${method}`).data)).toBeLessThan(golden.tolerance);
  });
});

describe('rollout', () => {
  it('of attention to oneself alone is the identity, and of uniform attention known in every entry', () => {
    const three = (weights: tf.Tensor2D): number[] => [
      ...rollOut(Array(3).fill(tf.expandDims(weights)) as tf.Tensor3D[]).dataSync(),
    ];
    expect(three(tf.eye(5))).toEqual([...tf.eye(5).dataSync()]);
    three(tf.fill([5, 5], 1 / 5)).forEach((value, i) =>
      expect(value).toBeCloseTo(i % 6 === 0 ? 0.3 : 0.175, 6),
    );
    const uneven = three(tf.softmax(tf.reshape(tf.range(0, 25), [5, 5]).mod(7)) as tf.Tensor2D);
    for (let row = 0; row < 5; row++)
      expect(uneven.slice(5 * row, 5 * row + 5).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
  });

  const layers = (weights: tf.Tensor2D): tf.Tensor3D[] =>
    Array(4).fill(tf.expandDims(weights)) as tf.Tensor3D[];

  it('of uniform attention gives every patch the same, (1 − 2⁻ᴸ) / T', () => {
    const flow = fromPatches(rollOut(layers(tf.fill([5, 5], 1 / 5))));
    [...flow.dataSync()].forEach((value) => expect(value).toBeCloseTo((1 - 2 ** -4) / 5, 6));
    [...overLargest(flow).dataSync()].forEach((value) => expect(value).toBeCloseTo(1, 6));
  });

  it('of attention to oneself alone is zero, not a division by zero', () => {
    expect([...overLargest(fromPatches(rollOut(layers(tf.eye(5))))).dataSync()]).toEqual([0, 0, 0, 0]);
  });

  it('discarding nine tenths keeps the largest weights', () => {
    const discarding = eagerExecutor.start(explanationProgram({ config, batchSize: 2, discard: 0.9 }));
    discarding.writeState(golden.group('weight.'));
    const map = of(oneCall('rollout', discarding));
    discarding.dispose();
    expect(Math.max(...map)).toBe(1);
    expect(map.filter((value) => value === 0).length).toBeGreaterThan(0);
  });
});

describe('the rule of accumulation', () => {
  it('of constant layers grows as ((1 + c)ᴸ − 1) / T', () => {
    const layer = tf.fill([1, 5, 5], 0.3 / 5) as tf.Tensor3D;
    const flow = fromPatches(accumulate([layer, layer, layer]));
    [...flow.dataSync()].forEach((value) => expect(value).toBeCloseTo((1.3 ** 3 - 1) / 5, 5));
  });
});

describe('explanations by many passes', () => {
  it('integrated gradients integrate a path exactly where its slope is a line', () => {
    const line = {
      run: (_name: string, { position }: { position: Float32Array }) => ({
        map: { data: position.map((at) => 2 * at) },
      }),
    };
    expect(explainAtOnce(integratedGradients(line as never, { steps: 4 }), batch)[0]).toBeCloseTo(1, 6);
  });

  it('integrated gradients sum to the slope of the logit along the path', () => {
    const [step, at] = [2e-3, 0.4];
    const along = (position: number): number[] => {
      const pixels = batch.pixels.map((value, i) => {
        const mean = config.mean[Math.floor(i / 1024) % 3] ?? 0;
        return mean + position * (value - mean);
      });
      const { logits } = model.run('predict', { pixels });
      return [...batch.targets].map((target, image) => logits?.data[image * 10 + target] ?? NaN);
    };
    const { map } = model.run('pathGradient', { ...batch, position: Float32Array.of(at) } as never);
    const [after, before] = [along(at + step), along(at - step)];
    for (const image of [0, 1]) {
      const slope = ((after[image] ?? NaN) - (before[image] ?? NaN)) / (2 * step);
      const sum = [...(map?.data ?? [])]
        .slice(image * 16, (image + 1) * 16)
        .reduce((total, value) => total + value, 0);
      expect(Math.abs(sum - slope)).toBeLessThan(0.02 * Math.abs(slope) + 0.02);
    }
  });

  it('RISE is a function of its seed, and finds the patch that alone decides', () => {
    const options = { masks: 300, cells: 4, shown: 0.5, seed: 7 };
    const only = {
      run: (_name: string, { mask }: { mask: Float32Array }) => ({
        probability: { data: [mask[5 * 32 + 5] ?? 0] },
      }),
    };
    const explainer = rise(only as never, config, options);
    const one = { pixels: new Float32Array(3072), targets: Int32Array.of(0) };
    const map = explainAtOnce(explainer, one);
    expect(map.indexOf(Math.max(...map))).toBe(0);
    expect(explainAtOnce(explainer, one)).toEqual(map);
  });
});
