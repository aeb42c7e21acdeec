import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, toTensors, uniform } from '@vitrine/ml-tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { initVit } from './init-vit.js';
import { openBlock } from './open-block.js';
import { relativeError } from './testing/golden.js';
import { embedPatches, encode, hiddenStates, readClass } from './vit.js';
import type { Vit, VitConfig } from './vit-config.js';

const config: VitConfig = {
  ...{ imageSize: 16, patchSize: 4, channels: 3, width: 24, depth: 3, heads: 3, mlpRatio: 4, classes: 4 },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};
const weights = Object.entries(initVit(config, 9)).map(([name, host]) => {
  const scale = name.endsWith('.weight') && !/norm|patch/.test(name) ? 8 : 1;
  return [name, { ...host, data: host.data.map((value) => value * scale) }] as const;
});
const vit: Vit = { config, params: toTensors(Object.fromEntries(weights)), frozen: true };
afterAll(() => disposeAll(vit.params));

const pixels = uniform({ seed: 4, purpose: 90 }, 2 * 768);
const patchesOf = (): tf.Tensor3D => embedPatches(vit, tf.tensor4d(pixels, [2, 3, 16, 16]));

describe('the hidden states', () => {
  it('are the stream before each block and behind the last, from which the features follow', () => {
    tf.tidy(() => {
      const patches_BND = patchesOf();
      const states = hiddenStates(vit, patches_BND);
      expect(states.map(({ shape }) => shape)).toEqual(Array(4).fill([34, 24]));
      const features = readClass(vit, states.at(-1) as tf.Tensor2D);
      expect([...features.dataSync()]).toEqual([...encode(vit, patches_BND).dataSync()]);
    });
  });
});

describe('a block in the open', () => {
  it('computes what the closed one computes, with attention weights that sum to 1', () => {
    tf.tidy(() => {
      const states = hiddenStates(vit, patchesOf());
      for (let block = 0; block < config.depth; block++) {
        const open = openBlock(vit, { block, stream_MD: states[block] as tf.Tensor2D });
        const closed = states[block + 1] as tf.Tensor2D;
        expect(relativeError(open.output_MD.dataSync(), closed.dataSync())).toBeLessThan(1e-5);
        const sums = tf.sum(open.weights_GTT, 2).dataSync();
        expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-5);
      }
    });
  });

  it('has the gradient of the closed one', () => {
    tf.tidy(() => {
      const patches_BND = patchesOf();
      const total = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(x));
      const closed = tf.grad((x) => total(hiddenStates(vit, x as tf.Tensor3D).at(-1) as tf.Tensor2D));
      const open = tf.grad((x) => {
        let stream_MD = hiddenStates({ ...vit, config: { ...config, depth: 0 } }, x as tf.Tensor3D)[0];
        for (let block = 0; block < config.depth; block++)
          stream_MD = openBlock(vit, { block, stream_MD: stream_MD as tf.Tensor2D }).output_MD;
        return total(stream_MD as tf.Tensor2D);
      });
      const [a, b] = [open(patches_BND).dataSync(), closed(patches_BND).dataSync()];
      expect(relativeError(a, b)).toBeLessThan(1e-4);
    });
  });
});
