/**
 * Forward pass. Axes: B images, C channels, N patches, T = N + 1 tokens, D width, K classes, P = C·r² patch elements.
 *
 * Paper: Dosovitskiy et al., ICLR 2021, equations 1 to 4. Reference followed: timm `vision_transformer.py`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assertShape, rearrange } from '@vitrine/ml-tensor';
import { attentionBlock } from './attention-block.js';
import { layerNorm } from './layer-norm.js';
import { mlpBlock } from './mlp-block.js';
import { parameter } from './parameter.js';
import { patchCount, patchLength, type Vit } from './vit-config.js';

/** (pixels − mean) / std per channel. */
function normalise({ config }: Vit, pixels_BCHW: tf.Tensor4D): tf.Tensor4D {
  const perChannel: [number, number, number, number] = [1, config.channels, 1, 1];
  const mean_1C11 = tf.tensor4d([...config.mean], perChannel);
  const std_1C11 = tf.tensor4d([...config.std], perChannel);
  return tf.div(tf.sub(pixels_BCHW, mean_1C11), std_1C11);
}

/**
 * Patch embeddings before class token and position (equation 1 without its last term). A convolution whose stride is
 * its kernel is one matrix product over patches flattened in the order (channel, row, column).
 * @param pixels_BCHW [B, C, S, S], in [0, 1]
 * @throws ShapeError
 */
export function embedPatches(vit: Vit, pixels_BCHW: tf.Tensor4D): tf.Tensor3D {
  const { config } = vit;
  assertShape(pixels_BCHW, [null, config.channels, config.imageSize, config.imageSize], 'pixels_BCHW');
  return tf.tidy(() => {
    const patches_MP = rearrange<tf.Rank.R2>(
      normalise(vit, pixels_BCHW),
      'b c (n r) (m s) -> (b n m) (c r s)',
      { r: config.patchSize, s: config.patchSize },
    );
    const kernel_DP = tf.reshape(parameter(vit, 'patch_embed.proj.weight'), [
      config.width,
      patchLength(config),
    ]);
    const embedded_MD = tf.add(
      tf.matMul(patches_MP, kernel_DP, false, true),
      parameter(vit, 'patch_embed.proj.bias'),
    );
    return tf.reshape(embedded_MD, [-1, patchCount(config), config.width]);
  });
}

/**
 * The residual stream [B·T, D] after so many blocks, the class token first of each image's.
 * @param patches_BND embeddings before position
 * @throws ShapeError
 */
export function tokensAfter(vit: Vit, patches_BND: tf.Tensor3D, blocks: number): tf.Tensor2D {
  const { config } = vit;
  const { width: D } = config;
  assertShape(patches_BND, [null, patchCount(config), D], 'patches_BND');
  return tf.tidy(() => {
    const B = patches_BND.shape[0];
    const T = patchCount(config) + 1;
    const beforePatches: [number, number][] = [
      [0, 0],
      [1, 0],
      [0, 0],
    ];
    const afterClass: [number, number][] = [
      [0, 0],
      [0, T - 1],
      [0, 0],
    ];
    // The class token enters as an addition to position 0: tfjs would differentiate a tiled token image by image.
    const shift_1TD = tf.add(
      parameter<tf.Rank.R3>(vit, 'pos_embed'),
      tf.pad(parameter<tf.Rank.R3>(vit, 'cls_token'), afterClass),
    );
    const tokens_BTD = tf.add<tf.Tensor3D>(tf.pad(patches_BND, beforePatches), shift_1TD);
    let stream_MD = tf.reshape<tf.Rank.R2>(tokens_BTD, [B * T, D]);
    for (let block = 0; block < blocks; block++) {
      const at = `blocks.${block}`;
      stream_MD = attentionBlock(vit, at, stream_MD);
      stream_MD = mlpBlock(vit, at, stream_MD);
    }
    return stream_MD;
  });
}

/**
 * Features of the class token after the final LayerNorm (equations 1 to 4).
 * @param patches_BND embeddings before position, so that noise can be added to them
 * @throws ShapeError
 */
export function encode(vit: Vit, patches_BND: tf.Tensor3D): tf.Tensor2D {
  const { width: D, depth } = vit.config;
  return tf.tidy(() => {
    const B = patches_BND.shape[0];
    const T = patchCount(vit.config) + 1;
    const stream_MD = tokensAfter(vit, patches_BND, depth);
    const class_BD = tf.reshape<tf.Rank.R2>(
      tf.slice(tf.reshape<tf.Rank.R3>(stream_MD, [B, T, D]), [0, 0, 0], [B, 1, D]),
      [B, D],
    );
    return layerNorm(vit, 'norm', class_BD);
  });
}

/** Logits [B, K] of class-token features [B, D]. @throws ShapeError */
export function classify(vit: Vit, features_BD: tf.Tensor2D): tf.Tensor2D {
  assertShape(features_BD, [null, vit.config.width], 'features_BD');
  return tf.tidy(() =>
    tf.add(
      tf.matMul(features_BD, parameter<tf.Rank.R2>(vit, 'head.weight'), false, true),
      parameter(vit, 'head.bias'),
    ),
  );
}

/**
 * Logits [B, K].
 * @param noise_1ND added to the patch embeddings of every image, before class token and position
 * @throws ShapeError
 */
export function logits(vit: Vit, pixels_BCHW: tf.Tensor4D, noise_1ND?: tf.Tensor3D): tf.Tensor2D {
  const { config } = vit;
  if (noise_1ND) assertShape(noise_1ND, [1, patchCount(config), config.width], 'noise_1ND');
  return tf.tidy(() => {
    const patches_BND = embedPatches(vit, pixels_BCHW);
    return classify(vit, encode(vit, noise_1ND ? tf.add(patches_BND, noise_1ND) : patches_BND));
  });
}
