/**
 * Architecture of a denoising U-Net: Ho, Jain, Abbeel, "Denoising diffusion probabilistic models", NeurIPS 2020, in the form
 * of Nichol & Dhariwal, "Improved denoising diffusion probabilistic models", ICML 2021 (openai/improved-diffusion), with
 * what guided-diffusion adds (heads by width, residual blocks that resample).
 *
 * Names are those of the two repositories, so their weights fit once they are safetensors. Layouts differ in one thing: a
 * convolution's kernel is [row, column, in, out] here, which is what the device computes with (`unet-weights.ts`).
 */
import type { Parameters } from '@vitrine/ml-tensor';

export interface UnetConfig {
  /** Side of the square image, pixels; a multiple of 2^(levels − 1). */
  readonly imageSize: number;
  readonly channels: number;
  /** Channels of the first level. */
  readonly width: number;
  /** Channels of each level, in widths; each level has half the side of the one before. */
  readonly multipliers: readonly number[];
  /** Residual blocks of a level on the way down; one more on the way up. */
  readonly blocks: number;
  /** Sides, in pixels, at which every residual block is followed by attention. */
  readonly attentionSizes: readonly number[];
  readonly heads: number;
  /** Channels of a head, instead of their number; 0 leaves it to `heads`. */
  readonly headWidth: number;
  /** Of group normalisation; divides every number of channels. */
  readonly groups: number;
  /** The time step scales and shifts what is normalised, instead of being added before. */
  readonly scaleShift: boolean;
  /** Residual blocks halve and double the image, instead of convolutions. */
  readonly resampleBlocks: boolean;
  /** A second half of the outputs says where the variance lies between its bounds. */
  readonly learnedVariance: boolean;
  /** Classes that the denoiser is told; 0 for none. */
  readonly classes: number;
}

export interface Unet {
  readonly config: UnetConfig;
  readonly params: Parameters;
}

export type UnetLayer =
  | {
      readonly kind: 'convolution' | 'down' | 'up';
      readonly name: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'residual';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly resample?: 'down' | 'up';
    }
  | {
      readonly kind: 'attention';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly heads: number;
    };

/** The output of each input block is kept; each output block takes the last one kept, beside what comes from below. */
export interface UnetPlan {
  readonly inputs: readonly (readonly UnetLayer[])[];
  readonly middle: readonly UnetLayer[];
  readonly outputs: readonly (readonly UnetLayer[])[];
  /** Channels before the last convolution. */
  readonly last: number;
}

/** Width of the embedded time step. */
export const embeddingWidth = ({ width }: UnetConfig): number => 4 * width;

export const unetOutputChannels = ({ channels, learnedVariance }: UnetConfig): number =>
  channels * (learnedVariance ? 2 : 1);

/** The layers in the order in which they compute. */
export function unetPlan(config: UnetConfig): UnetPlan {
  const { width, multipliers, blocks, resampleBlocks } = config;
  const inputs: UnetLayer[][] = [
    [{ kind: 'convolution', name: 'input_blocks.0.0', from: config.channels, to: width }],
  ];
  const kept = [width];
  let channels = width;
  let size = config.imageSize;
  const attention = (name: string): UnetLayer => ({
    kind: 'attention',
    name,
    from: channels,
    to: channels,
    heads: config.headWidth > 0 ? channels / config.headWidth : config.heads,
  });
  const residual = (name: string, to: number, from = channels): UnetLayer => {
    channels = to;
    return { kind: 'residual', name, from, to };
  };
  const resampled = (name: string, resample: 'down' | 'up'): UnetLayer => ({
    ...(resampleBlocks ? { kind: 'residual', resample } : { kind: resample }),
    name,
    from: channels,
    to: channels,
  });
  multipliers.forEach((multiplier, level) => {
    for (let block = 0; block < blocks; block++) {
      const at = `input_blocks.${inputs.length}`;
      const layers = [residual(`${at}.0`, multiplier * width)];
      if (config.attentionSizes.includes(size)) layers.push(attention(`${at}.1`));
      inputs.push(layers);
      kept.push(channels);
    }
    if (level === multipliers.length - 1) return;
    inputs.push([resampled(`input_blocks.${inputs.length}.0`, 'down')]);
    kept.push(channels);
    size /= 2;
  });
  const middle = [
    residual('middle_block.0', channels),
    attention('middle_block.1'),
    residual('middle_block.2', channels),
  ];
  const outputs: UnetLayer[][] = [];
  for (let level = multipliers.length - 1; level >= 0; level--)
    for (let block = 0; block <= blocks; block++) {
      const at = `output_blocks.${outputs.length}`;
      const from = channels + (kept.pop() ?? 0);
      const layers = [residual(`${at}.0`, (multipliers[level] ?? 1) * width, from)];
      if (config.attentionSizes.includes(size)) layers.push(attention(`${at}.1`));
      if (level > 0 && block === blocks) {
        layers.push(resampled(`${at}.${layers.length}`, 'up'));
        size *= 2;
      }
      outputs.push(layers);
    }
  return { inputs, middle, outputs, last: channels };
}

type Shapes = Record<string, readonly number[]>;

function layerShapes(layer: UnetLayer, config: UnetConfig): Shapes {
  const { name, from, to } = layer;
  const norm = (at: string, channels: number): Shapes => ({
    [`${at}.weight`]: [channels],
    [`${at}.bias`]: [channels],
  });
  const convolution = (at: string, size: number): Shapes => ({
    [`${at}.weight`]: [size, size, from, to],
    [`${at}.bias`]: [to],
  });
  switch (layer.kind) {
    case 'convolution':
      return convolution(name, 3);
    case 'down':
      return convolution(`${name}.op`, 3);
    case 'up':
      return convolution(`${name}.conv`, 3);
    case 'attention':
      return {
        ...norm(`${name}.norm`, from),
        [`${name}.qkv.weight`]: [3 * from, from, 1],
        [`${name}.qkv.bias`]: [3 * from],
        [`${name}.proj_out.weight`]: [from, from, 1],
        [`${name}.proj_out.bias`]: [from],
      };
    case 'residual':
      return {
        ...norm(`${name}.in_layers.0`, from),
        ...convolution(`${name}.in_layers.2`, 3),
        [`${name}.emb_layers.1.weight`]: [config.scaleShift ? 2 * to : to, embeddingWidth(config)],
        [`${name}.emb_layers.1.bias`]: [config.scaleShift ? 2 * to : to],
        ...norm(`${name}.out_layers.0`, to),
        [`${name}.out_layers.3.weight`]: [3, 3, to, to],
        [`${name}.out_layers.3.bias`]: [to],
        ...(from !== to && convolution(`${name}.skip_connection`, 1)),
      };
  }
}

/** The shape of every parameter, in the layouts that the forward pass takes. */
export function unetParameterShapes(config: UnetConfig): Shapes {
  const plan = unetPlan(config);
  const E = embeddingWidth(config);
  return {
    'time_embed.0.weight': [E, config.width],
    'time_embed.0.bias': [E],
    'time_embed.2.weight': [E, E],
    'time_embed.2.bias': [E],
    ...(config.classes > 0 && { 'label_emb.weight': [config.classes, E] }),
    ...(Object.assign(
      {},
      ...[...plan.inputs, plan.middle, ...plan.outputs].flat().map((layer) => layerShapes(layer, config)),
    ) as Shapes),
    'out.0.weight': [plan.last],
    'out.0.bias': [plan.last],
    'out.2.weight': [3, 3, plan.last, unetOutputChannels(config)],
    'out.2.bias': [unetOutputChannels(config)],
  };
}
