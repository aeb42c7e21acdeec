import * as tf from '@tensorflow/tfjs-core';
import { initVit, logits } from '@vitrine/ml-nn';
import { addPrefix, eagerExecutor, toTensors } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { predictLogits } from './predict.js';
import { smallConfig, smallImages } from './testing/small-run.js';
import { parameterSpecs, predictionFunction, STATE } from './training-program.js';

describe('prediction', () => {
  it("gives the model's logits for any number of images, in batches of one size", () => {
    const weights = initVit(smallConfig, 9);
    const program = eagerExecutor.start({
      name: 'prediction',
      state: addPrefix(STATE.params, parameterSpecs(smallConfig)),
      functions: { predict: predictionFunction(smallConfig, 3) },
    });
    program.writeState(addPrefix(STATE.params, weights));
    const before = tf.memory().numTensors;
    const { pixels } = smallImages(0);
    const actual = predictLogits(program, smallConfig, { pixels, batchSize: 3 });
    expect(tf.memory().numTensors).toBe(before);
    program.dispose();
    const expected = tf.tidy(() =>
      logits(
        { config: smallConfig, params: toTensors(weights) },
        tf.tensor4d(pixels, [8, 3, 16, 16]),
      ).dataSync(),
    );
    expect(actual).toHaveLength(8 * 4);
    actual.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-6));
  });
});
