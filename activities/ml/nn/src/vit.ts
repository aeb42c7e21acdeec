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
 * The residual stream before the first block, [B·T, D]: class token and patches at their positions (equation 1).
 * @param patches_BND embeddings before position, so that noise can be added to them
 * @throws ShapeError
 */
export function placeTokens(vit: Vit, patches_BND: tf.Tensor3D): tf.Tensor2D {
  const D = vit.config.width;
  const T = patchCount(vit.config) + 1;
  assertShape(patches_BND, [null, T - 1, D], 'patches_BND');
  return tf.tidy(() => {
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
    return tf.reshape<tf.Rank.R2>(tokens_BTD, [-1, D]);
  });
}

/** The stream behind a block (equations 2 and 3). */
export function passBlock(vit: Vit, block: number, stream_MD: tf.Tensor2D): tf.Tensor2D {
  const at = `blocks.${block}`;
  return tf.tidy(() => mlpBlock(vit, at, attentionBlock(vit, at, stream_MD)));
}

/**
 * The residual stream [B·T, D] after so many blocks, the class token first of each image's.
 * @param patches_BND embeddings before position
 * @throws ShapeError
 */
export function tokensAfter(vit: Vit, patches_BND: tf.Tensor3D, blocks: number): tf.Tensor2D {
  return tf.tidy(() => {
    let stream_MD = placeTokens(vit, patches_BND);
    for (let block = 0; block < blocks; block++) stream_MD = passBlock(vit, block, stream_MD);
    return stream_MD;
  });
}

/** Features of the class token after the final LayerNorm (equation 4), of the stream behind the last block. */
export function readClass(vit: Vit, stream_MD: tf.Tensor2D): tf.Tensor2D {
  const D = vit.config.width;
  const T = patchCount(vit.config) + 1;
  return tf.tidy(() => {
    const tokens_BTD = tf.reshape<tf.Rank.R3>(stream_MD, [-1, T, D]);
    const class_BD = tf.reshape<tf.Rank.R2>(tf.slice(tokens_BTD, [0, 0, 0], [-1, 1, D]), [-1, D]);
    return layerNorm(vit, 'norm', class_BD);
  });
}

/**
 * The stream before each block and behind the last, `depth` + 1 in all.
 * @throws ShapeError
 */
export function hiddenStates(vit: Vit, patches_BND: tf.Tensor3D): tf.Tensor2D[] {
  return tf.tidy(() => {
    const states = [placeTokens(vit, patches_BND)];
    for (let block = 0; block < vit.config.depth; block++)
      states.push(passBlock(vit, block, states[block] as tf.Tensor2D));
    return states;
  });
}

/**
 * Features of the class token after the final LayerNorm (equations 1 to 4).
 * @param patches_BND embeddings before position, so that noise can be added to them
 * @throws ShapeError
 */
export function encode(vit: Vit, patches_BND: tf.Tensor3D): tf.Tensor2D {
  return tf.tidy(() => readClass(vit, tokensAfter(vit, patches_BND, vit.config.depth)));
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
