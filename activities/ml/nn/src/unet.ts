/**
 * Forward pass of the U-Net. Axes: B images, C channels, H W rows and columns, M = H·W, E width of the embedded time step,
 * h heads, d channels of a head. Images lie with channels last between the layers.
 *
 * Paper: Nichol & Dhariwal, "Improved denoising diffusion probabilistic models", ICML 2021. Reference followed:
 * openai/improved-diffusion `unet.py`. Differs from it: no dropout; biases before a normalisation are added to its means.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assertShape, rearrange } from '@vitrine/ml-tensor';
import { convolve, convolveHalving, doubled, halved } from './convolution.js';
import { groupNorm } from './group-norm.js';
import { embedTime } from './time-embedding.js';
import { unetPlan, type Unet, type UnetLayer } from './unet-config.js';
import { WeightsError } from './weights-error.js';

function parameter<T extends tf.Tensor>({ params }: Unet, name: string): T {
  const tensor = params[name];
  if (tensor === undefined) throw new WeightsError([name], [], []);
  return tensor as T;
}

const silu = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, tf.sigmoid(x));

function linear(unet: Unet, name: string, x_MI: tf.Tensor2D): tf.Tensor2D {
  const weight = parameter(unet, `${name}.weight`);
  const [O = 1, I = 1] = weight.shape;
  return tf.add(
    tf.matMul(x_MI, tf.reshape<tf.Rank.R2>(weight, [O, I]), false, true),
    parameter(unet, `${name}.bias`),
  );
}

const byChannel = (x: tf.Tensor): tf.Tensor3D => tf.reshape<tf.Rank.R3>(x, [-1, 1, x.shape.at(-1) ?? 1]);

interface Norm {
  readonly name: string;
  readonly shift?: tf.Tensor;
  /** Of the time step: multiplies and moves gain and offset. */
  readonly modulation?: readonly [scale: tf.Tensor3D, shift: tf.Tensor3D];
  readonly silu: boolean;
}

function normalised(
  unet: Unet,
  x_BHWC: tf.Tensor4D,
  { name, shift, modulation, silu: active }: Norm,
): tf.Tensor4D {
  const [B, H, W, C] = x_BHWC.shape;
  const gain = byChannel(parameter(unet, `${name}.weight`));
  const bias = byChannel(parameter(unet, `${name}.bias`));
  const [scale, offset] = modulation
    ? [tf.mul(gain, tf.add(modulation[0], 1)), tf.add(tf.mul(bias, tf.add(modulation[0], 1)), modulation[1])]
    : [gain, bias];
  const y_BMC = groupNorm({
    x_BMC: tf.reshape(x_BHWC, [B, H * W, C]),
    shift: shift ? byChannel(shift) : tf.zeros([1, 1, C]),
    scale: scale as tf.Tensor3D,
    offset: offset as tf.Tensor3D,
    groups: unet.config.groups,
    silu: active,
  });
  return tf.reshape(y_BMC, [B, H, W, C]);
}

function pointwise(unet: Unet, name: string, x_BHWC: tf.Tensor4D): tf.Tensor4D {
  const [B, H, W, C] = x_BHWC.shape;
  const kernel = parameter(unet, `${name}.weight`);
  const O = kernel.shape[3] ?? 1;
  const y = tf.matMul(tf.reshape(x_BHWC, [B * H * W, C]), tf.reshape<tf.Rank.R2>(kernel, [C, O]));
  return tf.reshape(tf.add(y, parameter(unet, `${name}.bias`)), [B, H, W, O]);
}

type Residual = Extract<UnetLayer, { kind: 'residual' }>;

function residualBlock(
  unet: Unet,
  { name, from, to, resample }: Residual,
  { x_BHWC, active_BE }: { readonly x_BHWC: tf.Tensor4D; readonly active_BE: tf.Tensor2D },
): tf.Tensor4D {
  const resized = (x: tf.Tensor4D): tf.Tensor4D =>
    resample === 'up' ? doubled(x) : resample === 'down' ? halved(x) : x;
  const first = resized(normalised(unet, x_BHWC, { name: `${name}.in_layers.0`, silu: true }));
  const hidden = convolve(first, parameter(unet, `${name}.in_layers.2.weight`));
  const change = byChannel(linear(unet, `${name}.emb_layers.1`, active_BE));
  const bias = parameter<tf.Tensor1D>(unet, `${name}.in_layers.2.bias`);
  const norm = { name: `${name}.out_layers.0`, silu: true };
  const second = unet.config.scaleShift
    ? normalised(unet, hidden, {
        ...norm,
        shift: bias,
        modulation: tf.split(change, 2, 2) as [tf.Tensor3D, tf.Tensor3D],
      })
    : normalised(unet, hidden, { ...norm, shift: tf.add(change, bias) });
  const x = resized(x_BHWC);
  const skip = from === to ? x : pointwise(unet, `${name}.skip_connection`, x);
  const outBias = parameter<tf.Tensor1D>(unet, `${name}.out_layers.3.bias`);
  return tf.add(tf.add(convolve(second, parameter(unet, `${name}.out_layers.3.weight`)), outBias), skip);
}

function attentionBlock(
  unet: Unet,
  { name, heads, from: C }: Extract<UnetLayer, { kind: 'attention' }>,
  x_BHWC: tf.Tensor4D,
): tf.Tensor4D {
  const [B, H, W] = x_BHWC.shape;
  const rows_MC = tf.reshape<tf.Rank.R2>(normalised(unet, x_BHWC, { name: `${name}.norm`, silu: false }), [
    -1,
    C,
  ]);
  const qkv = rearrange(
    tf.reshape<tf.Rank.R3>(linear(unet, `${name}.qkv`, rows_MC), [B, H * W, 3 * C]),
    // Heads first, then query, key and value of each.
    'b m (h p d) -> p (b h) m d',
    { h: heads, p: 3 },
  );
  const [q, k, v] = tf.unstack(qkv) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(C / heads));
  const mixed_MC = rearrange<tf.Rank.R2>(
    tf.matMul(tf.softmax(scores as tf.Tensor3D), v),
    '(b h) m d -> (b m) (h d)',
    {
      h: heads,
    },
  );
  return tf.add(x_BHWC, tf.reshape(linear(unet, `${name}.proj_out`, mixed_MC), [B, H, W, C]));
}

function layerOutput(
  unet: Unet,
  layer: UnetLayer,
  { x_BHWC, active_BE }: { readonly x_BHWC: tf.Tensor4D; readonly active_BE: tf.Tensor2D },
): tf.Tensor4D {
  const { name } = layer;
  switch (layer.kind) {
    case 'residual':
      return residualBlock(unet, layer, { x_BHWC, active_BE });
    case 'attention':
      return attentionBlock(unet, layer, x_BHWC);
    case 'convolution':
      return tf.add(convolve(x_BHWC, parameter(unet, `${name}.weight`)), parameter(unet, `${name}.bias`));
    case 'down':
      return tf.add(
        convolveHalving(x_BHWC, parameter(unet, `${name}.op.weight`)),
        parameter(unet, `${name}.op.bias`),
      );
    case 'up':
      return tf.add(
        convolve(doubled(x_BHWC), parameter(unet, `${name}.conv.weight`)),
        parameter(unet, `${name}.conv.bias`),
      );
  }
}

export interface DenoiserInput {
  /** [B, C, S, S], noisy, data in [−1, 1]. */
  readonly noisy_BCHW: tf.Tensor4D;
  /** The time step as the model was trained to see it. */
  readonly time_B: tf.Tensor1D;
  /** int32 in [0, K), for a model that is told classes. */
  readonly labels_B?: tf.Tensor1D | undefined;
}

/**
 * What the model says of noisy images: the noise [B, C, S, S], and with a learned variance as many channels more.
 * @throws ShapeError
 */
export function unetOutput(unet: Unet, { noisy_BCHW, time_B, labels_B }: DenoiserInput): tf.Tensor4D {
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
    const through = (layers: readonly UnetLayer[], from: tf.Tensor4D): tf.Tensor4D =>
      layers.reduce((x_BHWC, layer) => layerOutput(unet, layer, { x_BHWC, active_BE }), from);
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
