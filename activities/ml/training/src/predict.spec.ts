import * as tf from '@tensorflow/tfjs-core';
import { logits } from '@vitrine/ml-nn';
import { disposeAll } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { predictLogits } from './predict.js';
import { smallBatch, smallStart } from './testing/small-run.js';

describe('prediction', () => {
  it("gives the model's logits and leaves nothing else behind", () => {
    const { vit, optimizer } = smallStart();
    const { pixels_BCHW, labels_B } = smallBatch(0);
    const before = tf.memory().numTensors;
    const actual = predictLogits(vit, pixels_BCHW);
    expect(tf.memory().numTensors).toBe(before + 1);
    const expected = logits(vit, pixels_BCHW);
    expect(actual.dataSync()).toEqual(expected.dataSync());
    expect(actual.shape).toEqual([8, 4]);
    tf.dispose([actual, expected, pixels_BCHW, labels_B]);
    for (const tensors of [vit.params, optimizer.m, optimizer.v]) disposeAll(tensors);
  });
});
