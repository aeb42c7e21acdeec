import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, toTensors, type HostTensor, type Parameters } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { attentionBlock } from './attention-block.js';
import { mlpBlock } from './mlp-block.js';
import { readGolden, relativeError } from './testing/golden.js';
import type { VitConfig } from './vit-config.js';

const golden = readGolden(new URL('./blocks.golden.safetensors', import.meta.url));

/** Five tokens of width 8: four patches and the class token. */
const config: VitConfig = {
  imageSize: 4,
  patchSize: 2,
  channels: 1,
  width: 8,
  depth: 1,
  heads: 2,
  mlpRatio: 4,
  classes: 2,
  mean: [0],
  std: [1],
};

const rows = ({ data }: HostTensor): tf.Tensor2D => tf.tensor2d(data, [15, 8]);

describe.each([
  ['attention', attentionBlock],
  ['mlp', mlpBlock],
] as const)('the %s half of a block against timm', (half, block) => {
  const run = (check: (params: Parameters, x_MD: tf.Tensor2D) => void): void => {
    const weights = Object.entries(golden.group('weight.')).map(([name, tensor]) => [`0.${name}`, tensor]);
    const params = toTensors(Object.fromEntries(weights));
    tf.tidy(() => check(params, rows(golden.tensor(`${half}.x`))));
    disposeAll(params);
  };

  it('gives its values', () => {
    run((params, x_MD) => {
      const y_MD = block({ config, params }, '0', x_MD);
      expect(relativeError(y_MD.dataSync(), golden.tensor(`${half}.y`).data)).toBeLessThan(golden.tolerance);
    });
  });

  it('gives its gradients by the input and each of its parameters', () => {
    run((params, x_MD) => {
      const expected = golden.group(`${half}.gradient.`);
      const names = Object.keys(expected).filter((name) => name !== 'x');
      expect(names).toHaveLength(6);
      const cotangent = rows(golden.tensor(`${half}.cotangent`));
      const gradients = tf.grads((x: tf.Tensor, ...tensors: tf.Tensor[]) => {
        const given = Object.fromEntries(names.map((name, i) => [`0.${name}`, tensors[i] as tf.Tensor]));
        return tf.mul(block({ config, params: given }, '0', x as tf.Tensor2D), cotangent);
      })([x_MD, ...names.map((name) => params[`0.${name}`] as tf.Tensor)]);
      const errors = ['x', ...names].map(
        (name, i) =>
          [name, relativeError(gradients[i]?.dataSync() ?? [], expected[name]?.data ?? [])] as const,
      );
      expect(errors.filter(([, error]) => !(error < golden.tolerance))).toEqual([]);
    });
  });
});
