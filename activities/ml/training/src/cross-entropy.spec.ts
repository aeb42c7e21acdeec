import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import golden from './cross-entropy.golden.json' with { type: 'json' };
import { crossEntropy, meanDivergence, targetDistribution, type Targets } from './cross-entropy.js';

const logitsOf = (values: readonly number[]): tf.Tensor2D => tf.tensor2d([...values], [4, 5]);
const labels = (): tf.Tensor1D => tf.tensor1d(golden.labels, 'int32');

/** Whether every entry is that of the golden, relative to the largest. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  const scale = Math.max(...expected.map(Math.abs));
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs((actual[i] ?? NaN) - value) / scale).toBeLessThan(golden.tolerance),
  );
}

function expectLoss(
  targets: () => Targets,
  { loss, gradient }: { readonly loss: number; readonly gradient: readonly number[] },
): void {
  tf.tidy(() => {
    const given = targets();
    const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x as tf.Tensor2D, given))(
      logitsOf(golden.logits),
    );
    expectClose(value.dataSync(), [loss]);
    expectClose(grad.dataSync(), gradient);
  });
}

describe('cross-entropy', () => {
  it.each(golden.cases)(
    "gives PyTorch's loss and gradient with label smoothing $labelSmoothing",
    ({ labelSmoothing, ...expected }) => {
      expectLoss(() => ({ labels_B: labels(), labelSmoothing }), expected);
    },
  );

  it("gives timm's loss and gradient of blended images", () => {
    const { labelSmoothing, share, ...expected } = golden.mixed;
    expectLoss(
      () => ({
        labels_B: labels(),
        labelSmoothing,
        mix: { partners_B: tf.reverse(labels()), shares_B: tf.fill([4], share) },
      }),
      expected,
    );
  });

  it('stays finite at logits whose exponentials do not', () => {
    tf.tidy(() => {
      const logits_BK = tf.tensor2d([1000, 0, -1000], [1, 3]);
      const targets = { labels_B: tf.tensor1d([2], 'int32'), labelSmoothing: 0 };
      expect(crossEntropy(logits_BK, targets).dataSync()[0]).toBe(2000);
    });
  });

  it('takes targets that sum to one, and refuses shares for another batch', () => {
    tf.tidy(() => {
      const shares = (count: number) => ({
        partners_B: labels(),
        shares_B: tf.fill<tf.Rank.R1>([count], 0.25),
      });
      const target_BK = targetDistribution(5, { labels_B: labels(), labelSmoothing: 0.2, mix: shares(4) });
      tf.sum(target_BK, 1)
        .dataSync()
        .forEach((sum) => expect(sum).toBeCloseTo(1, 6));
      expect(() => targetDistribution(5, { labels_B: labels(), labelSmoothing: 0, mix: shares(3) })).toThrow(
        'shares_B: expected shape [4], got shape [3]',
      );
    });
  });
});

describe('the divergence of TRADES', () => {
  it("is PyTorch's, with its gradients by both", () => {
    const { attacked, loss, cleanGradient, attackedGradient } = golden.divergence;
    tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads((p, q) => meanDivergence(p as tf.Tensor2D, q as tf.Tensor2D))(
        [logitsOf(golden.logits), logitsOf(attacked)],
      );
      expectClose(value.dataSync(), [loss]);
      expectClose((grads[0] as tf.Tensor).dataSync(), cleanGradient);
      expectClose((grads[1] as tf.Tensor).dataSync(), attackedGradient);
    });
  });

  it('is zero between equals, and so is its gradient', () => {
    tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((q) =>
        meanDivergence(logitsOf(golden.logits), q as tf.Tensor2D),
      )(logitsOf(golden.logits));
      expect(value.dataSync()[0]).toBe(0);
      grad.dataSync().forEach((entry) => expect(Math.abs(entry)).toBeLessThan(1e-7));
    });
  });
});
