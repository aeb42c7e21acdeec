/**
 * Architecture of a plain ViT: Dosovitskiy et al., "An Image Is Worth 16x16 Words", ICLR 2021, in the layout of timm's
 * `VisionTransformer`: pre-norm blocks, one qkv projection with bias, learned positions, class-token pooling.
 */
import type { Parameters } from '@vitrine/ml-tensor';

export interface VitConfig {
  /** Side of the square image, pixels. */
  readonly imageSize: number;
  /** Side of a square patch, pixels; divides `imageSize`. */
  readonly patchSize: number;
  readonly channels: number;
  /** D, a multiple of `heads`. */
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpRatio: number;
  readonly classes: number;
  /** Per channel, of pixels in [0, 1]; normalisation is part of the model. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A model ready to compute: the architecture and its tensors. */
export interface Vit {
  readonly config: VitConfig;
  readonly params: Parameters;
  /**
   * No gradients flow into the parameters: attacks and noise synthesis, which differentiate by pixels or embeddings
   * alone, then skip a third of the backward pass.
   */
  readonly frozen?: boolean;
  /**
   * The gradient of a block keeps its input alone and computes the rest again (Chen et al., "Training Deep Nets with
   * Sublinear Memory Cost", 2016): a third more work, for memory that hardly grows with the depth.
   */
  readonly recompute?: boolean;
}

/** N, the number of patches of an image. */
export const patchCount = (config: VitConfig): number => (config.imageSize / config.patchSize) ** 2;

/** Elements of one flattened patch, C·r². */
export const patchLength = (config: VitConfig): number => config.channels * config.patchSize ** 2;

/** Width of the hidden layer of an MLP. */
export const hiddenWidth = (config: VitConfig): number => Math.trunc(config.width * config.mlpRatio);

/** The shape of every parameter, by timm's names and in timm's layouts (linear weights [out, in]). */
export function vitParameterShapes(config: VitConfig): Record<string, readonly number[]> {
  const { width: D, channels, patchSize, classes } = config;
  const hidden = hiddenWidth(config);
  const shapes: Record<string, readonly number[]> = {
    cls_token: [1, 1, D],
    pos_embed: [1, patchCount(config) + 1, D],
    'patch_embed.proj.weight': [D, channels, patchSize, patchSize],
    'patch_embed.proj.bias': [D],
  };
  for (let block = 0; block < config.depth; block++) {
    const at = `blocks.${block}`;
    shapes[`${at}.norm1.weight`] = [D];
    shapes[`${at}.norm1.bias`] = [D];
    shapes[`${at}.attn.qkv.weight`] = [3 * D, D];
    shapes[`${at}.attn.qkv.bias`] = [3 * D];
    shapes[`${at}.attn.proj.weight`] = [D, D];
    shapes[`${at}.attn.proj.bias`] = [D];
    shapes[`${at}.norm2.weight`] = [D];
    shapes[`${at}.norm2.bias`] = [D];
    shapes[`${at}.mlp.fc1.weight`] = [hidden, D];
    shapes[`${at}.mlp.fc1.bias`] = [hidden];
    shapes[`${at}.mlp.fc2.weight`] = [D, hidden];
    shapes[`${at}.mlp.fc2.bias`] = [D];
  }
  shapes['norm.weight'] = [D];
  shapes['norm.bias'] = [D];
  shapes['head.weight'] = [classes, D];
  shapes['head.bias'] = [classes];
  return shapes;
}
