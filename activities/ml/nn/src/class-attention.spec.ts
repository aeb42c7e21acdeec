import * as tf from '@tensorflow/tfjs-core';
import { disposeAll, toTensors, uniform } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { classAttention } from './class-attention.js';
import { initVit } from './init-vit.js';
import { logits } from './vit.js';
import type { Vit, VitConfig } from './vit-config.js';

const config: VitConfig = {
  imageSize: 8,
  patchSize: 4,
  channels: 1,
  width: 8,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  classes: 3,
  mean: [0.5],
  std: [0.5],
};

const withModel = (scale: number, check: (vit: Vit, pixels: tf.Tensor4D) => void): void => {
  const weights = Object.entries(initVit(config, 4)).map(([name, host]) => [
    name,
    { ...host, data: name.endsWith('qkv.weight') ? host.data.map((value) => value * scale) : host.data },
  ]);
  const vit = { config, params: toTensors(Object.fromEntries(weights)) };
  tf.tidy(() => check(vit, tf.tensor4d(uniform({ seed: 1, purpose: 92 }, 2 * 64), [2, 1, 8, 8])));
  disposeAll(vit.params);
};

describe('the attention of the class token', () => {
  it('lies on the simplex, beside the logits of the model', () => {
    withModel(30, (vit, pixels) => {
      const { attention_BN, logits_BK } = classAttention(vit, pixels);
      expect(attention_BN.shape).toEqual([2, 4]);
      const rows = attention_BN.arraySync();
      for (const row of rows) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(new Set(rows.flat().map((value) => value.toFixed(4))).size).toBeGreaterThan(4);
      const expected = logits(vit, pixels).dataSync();
      logits_BK.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
    });
  });

  it('is even where all queries are zero', () => {
    withModel(0, (vit, pixels) => {
      for (const value of classAttention(vit, pixels).attention_BN.dataSync())
        expect(value).toBeCloseTo(0.25, 6);
    });
  });
});
