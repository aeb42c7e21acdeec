import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import golden from './cross-entropy.golden.json' with { type: 'json' };
import { crossEntropy } from './cross-entropy.js';

describe('cross-entropy', () => {
  it.each(golden.cases)(
    "gives PyTorch's loss and gradient with label smoothing $labelSmoothing",
    ({ labelSmoothing, loss, gradient }) => {
      tf.tidy(() => {
        const logits_BK = tf.tensor2d(golden.logits, [4, 5]);
        const labels_B = tf.tensor1d(golden.labels, 'int32');
        const { value, grad } = tf.valueAndGrad((x) =>
          crossEntropy(x as tf.Tensor2D, labels_B, labelSmoothing),
        )(logits_BK);
        expect(Math.abs((value.dataSync()[0] ?? NaN) / loss - 1)).toBeLessThan(golden.tolerance);
        const scale = Math.max(...gradient.map(Math.abs));
        grad
          .dataSync()
          .forEach((actual, i) =>
            expect(Math.abs(actual - (gradient[i] ?? NaN)) / scale).toBeLessThan(golden.tolerance),
          );
      });
    },
  );

  it('stays finite at logits whose exponentials do not', () => {
    tf.tidy(() => {
      const logits_BK = tf.tensor2d([1000, 0, -1000], [1, 3]);
      const loss = crossEntropy(logits_BK, tf.tensor1d([2], 'int32'), 0).dataSync()[0];
      expect(loss).toBe(2000);
    });
  });
});
