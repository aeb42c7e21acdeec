import * as tf from '@tensorflow/tfjs-core';
import { normal, nullSpace, ShapeError, type HostTensor } from '@vitrine/ml-tensor';
import { describe, expect, it } from 'vitest';
import { sampleImageNoise, stemMatrix, type StemGeometry } from './overlapping-stem.js';
import { patchEmbeddingNullSpace } from './patch-embedding-null-space.js';
import { frobenius } from './patches.js';

const weightOf = (...shape: [number, number, number, number]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: normal(
    { seed: 3, purpose: 97 },
    shape.reduce((a, b) => a * b),
  ),
});

/** The convolution by tfjs, whose layout is that of TensorFlow. */
function convolve(
  weight: HostTensor,
  { imageSize, stride, padding }: StemGeometry,
  image: Float32Array,
): tf.Tensor {
  const [D, C, r] = weight.shape as [number, number, number];
  const x = tf.transpose(tf.tensor(image, [1, C, imageSize, imageSize]), [0, 2, 3, 1]) as tf.Tensor4D;
  const w = tf.transpose(tf.tensor(weight.data, [D, C, r, r]), [2, 3, 1, 0]) as tf.Tensor4D;
  const around: [number, number] = [padding, padding];
  return tf.conv2d(tf.pad(x, [[0, 0], around, around, [0, 0]]), w, stride, 'valid');
}

const lengthOf = (tensor: tf.Tensor): number => tf.norm(tensor).dataSync()[0] ?? NaN;

describe('a stem whose patches overlap', () => {
  it.each([
    ['overlapping', weightOf(3, 2, 4, 4), { imageSize: 10, stride: 2, padding: 0 }],
    ['overlapping and padded', weightOf(2, 3, 3, 3), { imageSize: 8, stride: 2, padding: 1 }],
    ['with gaps between its patches', weightOf(5, 3, 2, 2), { imageSize: 9, stride: 3, padding: 0 }],
  ] as const)(
    '%s is the convolution that its matrix says, and does not see noise of its null space',
    (_name, weight, stem) => {
      const matrix = stemMatrix(weight, stem);
      const image = normal({ seed: 4, purpose: 97 }, matrix.columns);
      const product = Array.from({ length: matrix.rows }, (_, row) =>
        image.reduce((sum, value, i) => sum + value * (matrix.data[row * matrix.columns + i] ?? NaN), 0),
      );
      const seen = convolve(weight, stem, image);
      expect(lengthOf(tf.sub(tf.reshape(seen, [-1]), tf.tensor1d(product))) / lengthOf(seen)).toBeLessThan(
        1e-6,
      );
      const noise = sampleImageNoise(nullSpace(matrix), { norm: frobenius(image), seed: 1 });
      expect(frobenius(noise) / frobenius(image)).toBeCloseTo(1, 5);
      expect(lengthOf(convolve(weight, stem, noise)) / lengthOf(seen)).toBeLessThan(1e-5);
    },
  );

  it('that do not overlap after all has for every patch the dimension of one', () => {
    const weight = weightOf(7, 2, 3, 3);
    const whole = nullSpace(stemMatrix(weight, { imageSize: 9, stride: 3, padding: 0 }));
    expect(whole.nullity).toBe(9 * patchEmbeddingNullSpace(weight).nullity);
  });

  it('of full rank has no noise but zero', () => {
    const full = nullSpace(stemMatrix(weightOf(9, 1, 3, 3), { imageSize: 5, stride: 1, padding: 1 }));
    expect(full.nullity).toBe(0);
    expect([...sampleImageNoise(full, { norm: 1, seed: 1 })]).toEqual(Array(25).fill(0));
  });

  it('is refused with the reason for larger images, other weights and kernels that do not fit', () => {
    const geometry = { imageSize: 32, stride: 4, padding: 0 };
    expect(() => stemMatrix(weightOf(2, 3, 8, 8), geometry)).toThrow(
      /whole image.*encoder instead, got 3072/,
    );
    expect(() => stemMatrix({ ...weightOf(2, 3, 8, 8), shape: [2, 192] }, geometry)).toThrow(ShapeError);
    expect(() => stemMatrix(weightOf(2, 1, 8, 8), { imageSize: 4, stride: 1, padding: 0 })).toThrow(
      'expected a kernel that fits into the padded image, got 8 on 4',
    );
  });
});
