/**
 * Convolution over images with channels last, with its gradients. Axes: B images, H rows, W columns, I and O channels in and
 * out, R kernel rows and columns.
 *
 * tfjs's own gradient by the input is TensorFlow's Conv2DBackpropInput, which takes twice the time of the convolution; a
 * stride of 1 and a symmetric border make it a convolution with the kernel turned around, which is what is computed here.
 */
import * as tf from '@tensorflow/tfjs-core';

/** tf.conv2d of stride 1 whose result is as large as its input. @param kernel_RRIO with an odd side */
export function convolve(x_BHWI: tf.Tensor4D, kernel_RRIO: tf.Tensor4D): tf.Tensor4D {
  const run = tf.customGrad((...args) => {
    const [x, kernel, save] = args as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, kernel]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [input, weights] = saved as [tf.Tensor4D, tf.Tensor4D];
      return [
        tf.tidy(() => {
          const turned_RROI = tf.transpose<tf.Tensor4D>(tf.reverse(weights, [0, 1]), [0, 1, 3, 2]);
          return tf.conv2d(dy as tf.Tensor4D, turned_RROI, 1, 'same');
        }),
        tf.engine().runKernel(
          'Conv2DBackpropFilter',
          { x: input, dy },
          {
            strides: 1,
            pad: 'same',
            dataFormat: 'NHWC',
            filterShape: weights.shape,
          },
        ),
      ];
    };
    return { value: tf.conv2d(x, kernel, 1, 'same'), gradFunc };
  });
  return run(x_BHWI, kernel_RRIO) as tf.Tensor4D;
}

/**
 * A convolution with a kernel of side 3, a border of 1 and a stride of 2, as PyTorch counts: the centres are rows and
 * columns 0, 2, 4 …. TensorFlow's `same` would put them at 1, 3, 5.
 */
export function convolveHalving(x_BHWI: tf.Tensor4D, kernel_33IO: tf.Tensor4D): tf.Tensor4D {
  const border: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 0],
    [0, 0],
  ];
  return tf.conv2d(tf.pad(x_BHWI, border), kernel_33IO, 2, 'valid');
}

/** Every pixel as two by two of its kind. */
export function doubled(x_BHWC: tf.Tensor4D): tf.Tensor4D {
  const [B, H, W, C] = x_BHWC.shape;
  return tf.tidy(() => {
    const columns = tf.reshape(x_BHWC, [B * H * W, 1, C]);
    const rows = tf.reshape(tf.concat([columns, columns], 1), [B * H, 1, 2 * W * C]);
    return tf.reshape(tf.concat([rows, rows], 1), [B, 2 * H, 2 * W, C]);
  });
}

/** The mean of each two by two pixels. */
export function halved(x_BHWC: tf.Tensor4D): tf.Tensor4D {
  const [B, H, W, C] = x_BHWC.shape;
  return tf.tidy(() => {
    const pairs = tf.reshape(x_BHWC, [B, H / 2, 2, W / 2, 2, C]);
    return tf.reshape(tf.mean(pairs, [2, 4]), [B, H / 2, W / 2, C]);
  });
}
