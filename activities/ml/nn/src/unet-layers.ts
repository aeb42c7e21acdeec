/**
 * Layers of the U-Net. Axes: B images, C channels, H W rows and columns, M = H·W, E width of the embedded time step,
 * h heads, d channels of a head. Images lie with channels last between the layers.
 */
import * as tf from '@tensorflow/tfjs-core';
import { randomMask, rearrange } from '@vitrine/ml-tensor';
import { convolve, convolveHalving, doubled, halved } from './convolution.js';
import { groupNorm } from './group-norm.js';
import type { Unet, UnetLayer } from './unet-config.js';
import { WeightsError } from './weights-error.js';

export function parameter<T extends tf.Tensor>({ params }: Unet, name: string): T {
  const tensor = params[name];
  if (tensor === undefined) throw new WeightsError([name], [], []);
  return tensor as T;
}

export const silu = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, tf.sigmoid(x));

export function linear(unet: Unet, name: string, x_MI: tf.Tensor2D): tf.Tensor2D {
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

export function normalised(
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

/** Sets elements to zero at random and makes up for them, in training alone. */
export type Drop = (x_BHWC: tf.Tensor4D) => tf.Tensor4D;

export interface Dropout {
  /** Share of elements. */
  readonly rate: number;
  /** Of random numbers, as `randomStream` gives it: which elements is a function of it, so a step can be taken again. */
  readonly stream_6: tf.Tensor1D;
}

/** Each call draws numbers of its own. */
export function dropBy({ rate, stream_6 }: Dropout): Drop {
  let calls = 0;
  return (x_BHWC) =>
    tf.mul(x_BHWC, randomMask<tf.Rank.R4>(stream_6, { shape: x_BHWC.shape, draw: calls++, rate }));
}

/** What goes into a layer. */
export interface LayerInput {
  readonly x_BHWC: tf.Tensor4D;
  readonly active_BE: tf.Tensor2D;
  readonly drop?: Drop | undefined;
}

type Residual = Extract<UnetLayer, { kind: 'residual' }>;

function residualBlock(
  unet: Unet,
  { name, from, to, resample }: Residual,
  { x_BHWC, active_BE, drop }: LayerInput,
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
  const kept = drop ? drop(second) : second;
  const x = resized(x_BHWC);
  const skip = from === to ? x : pointwise(unet, `${name}.skip_connection`, x);
  const outBias = parameter<tf.Tensor1D>(unet, `${name}.out_layers.3.bias`);
  return tf.add(tf.add(convolve(kept, parameter(unet, `${name}.out_layers.3.weight`)), outBias), skip);
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

export function layerOutput(unet: Unet, layer: UnetLayer, input: LayerInput): tf.Tensor4D {
  const { name } = layer;
  const { x_BHWC } = input;
  switch (layer.kind) {
    case 'residual':
      return residualBlock(unet, layer, input);
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
