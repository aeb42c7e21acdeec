/**
 * Forward pass of the U-Net. Axes: B images, C channels, H W rows and columns, E width of the embedded time step. Images lie
 * with channels last between the layers.
 *
 * Paper: Nichol & Dhariwal, "Improved denoising diffusion probabilistic models", ICML 2021. Reference followed:
 * openai/improved-diffusion `unet.py`. Differs from it: biases before a normalisation are added to its means.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assertShape } from '@vitrine/ml-tensor';
import { convolve } from './convolution.js';
import { embedTime } from './time-embedding.js';
import { unetPlan, type Unet, type UnetLayer } from './unet-config.js';
import { dropBy, layerOutput, linear, normalised, parameter, silu, type Dropout } from './unet-layers.js';

export interface DenoiserInput {
  /** [B, C, S, S], noisy, data in [−1, 1]. */
  readonly noisy_BCHW: tf.Tensor4D;
  /** The time step as the model was trained to see it. */
  readonly time_B: tf.Tensor1D;
  /** int32 in [0, K), for a model that is told classes. */
  readonly labels_B?: tf.Tensor1D | undefined;
  /** In training: before the last convolution of every residual block. */
  readonly dropout?: Dropout | undefined;
}

/**
 * What the model says of noisy images: the noise [B, C, S, S], and with a learned variance as many channels more.
 * @throws ShapeError
 */
export function unetOutput(unet: Unet, input: DenoiserInput): tf.Tensor4D {
  const { noisy_BCHW, time_B, labels_B, dropout } = input;
  const { config } = unet;
  assertShape(noisy_BCHW, [null, config.channels, config.imageSize, config.imageSize], 'noisy_BCHW');
  assertShape(time_B, [noisy_BCHW.shape[0]], 'time_B');
  return tf.tidy(() => {
    const time_BE = linear(
      unet,
      'time_embed.2',
      silu(linear(unet, 'time_embed.0', embedTime(time_B, config.width))),
    );
    const told_BE = labels_B
      ? tf.add<tf.Tensor2D>(
          time_BE,
          tf.matMul(
            tf.oneHot(labels_B, config.classes, 1, 0, 'float32') as tf.Tensor2D,
            parameter<tf.Tensor2D>(unet, 'label_emb.weight'),
          ),
        )
      : time_BE;
    const active_BE = silu(told_BE);
    const drop = dropout && dropBy(dropout);
    const through = (layers: readonly UnetLayer[], from: tf.Tensor4D): tf.Tensor4D =>
      layers.reduce((x_BHWC, layer) => layerOutput(unet, layer, { x_BHWC, active_BE, drop }), from);
    const plan = unetPlan(config);
    const kept: tf.Tensor4D[] = [];
    let x_BHWC = tf.transpose<tf.Tensor4D>(noisy_BCHW, [0, 2, 3, 1]);
    for (const layers of plan.inputs) kept.push((x_BHWC = through(layers, x_BHWC)));
    x_BHWC = through(plan.middle, x_BHWC);
    for (const layers of plan.outputs)
      x_BHWC = through(layers, tf.concat([x_BHWC, kept.pop() as tf.Tensor4D], 3));
    const last = normalised(unet, x_BHWC, { name: 'out.0', silu: true });
    const out = tf.add(convolve(last, parameter(unet, 'out.2.weight')), parameter(unet, 'out.2.bias'));
    return tf.transpose<tf.Tensor4D>(out as tf.Tensor4D, [0, 3, 1, 2]);
  });
}
